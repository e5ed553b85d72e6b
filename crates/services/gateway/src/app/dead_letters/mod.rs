//! Dead letters of an organization: found, given back to their readers, given up.

mod audit;
mod content;
mod dispose;
mod select;

use harken_bus::{Bus, DeadLetter, DeadLetterError};
use harken_contracts::convert::timestamp;
use harken_contracts::wire::dead::v1::{
    self as wire, DeadLetterWithMessage, ListDeadLettersRequest, ListDeadLettersResponse,
};
use harken_contracts::wire::types::v1::PageInfo;
use harken_domain::Role;
use harken_runtime::{paging, status};
use tonic::Status;

use self::select::Selected;
use crate::outbound::{Acting, Answer, Rooms};

pub(crate) use self::dispose::Disposal;

/// Dead letters, for whoever asks and in whatever form.
#[derive(Clone, Debug)]
pub(crate) struct DeadLetters {
    bus: Bus,
    rooms: Rooms,
}

impl DeadLetters {
    pub(crate) fn new(bus: Bus, rooms: Rooms) -> Self {
        Self { bus, rooms }
    }

    /// A slice of what is selected, newest first.
    pub(crate) async fn list(
        &self,
        acting: Acting,
        request: ListDeadLettersRequest,
    ) -> Answer<ListDeadLettersResponse> {
        acting.require(Role::Viewer)?;
        let selection = request.selection.unwrap_or_default();
        let query = select::fingerprint(&selection);
        let page = request.page.as_ref();
        let (size, below) = (paging::size(page)?, paging::position(&query, page)?);
        let selected = self.select(acting, selection).await?;
        let (mut letters, total_count) = self.newest(&selected, below, size as usize + 1).await?;
        let mut next_page_token = String::new();
        if letters.len() > size as usize {
            letters.truncate(size as usize);
            if let Some(last) = letters.last() {
                next_page_token = paging::next_token(&query, &last.id)?;
            }
        }
        Ok(ListDeadLettersResponse {
            dead_letters: letters.into_iter().map(told).collect(),
            page: Some(PageInfo {
                next_page_token,
                total_count,
            }),
        })
    }

    /// One letter; with its message for members and above.
    pub(crate) async fn get(&self, acting: Acting, id: u64) -> Answer<DeadLetterWithMessage> {
        acting.require(Role::Viewer)?;
        let whole = self
            .bus
            .dead_letters()
            .read(id)
            .await
            .map_err(|cause| refused(&cause))?;
        let ours = whole.filter(|whole| whole.letter.organization == acting.organization);
        let whole = ours.ok_or_else(|| status::not_found("dead letter"))?;
        let message_json = if acting.role.allows(Role::Member) {
            content::json(&whole.letter.event_type, &whole.payload)
        } else {
            String::new()
        };
        Ok(DeadLetterWithMessage {
            dead_letter: Some(told(whole.letter)),
            message_json,
        })
    }

    /// The newest selected letters, and how many are selected in all.
    async fn newest(
        &self,
        selected: &Selected,
        below: Option<u64>,
        most: usize,
    ) -> Answer<(Vec<DeadLetter>, u64)> {
        let dead = self.bus.dead_letters();
        match selected {
            Selected::These(letters) => {
                let count = u64::try_from(letters.len()).unwrap_or(u64::MAX);
                let newest = letters
                    .iter()
                    .filter(|letter| below.is_none_or(|below| letter.id < below));
                Ok((newest.take(most).cloned().collect(), count))
            }
            Selected::All(selection) => {
                let listed = dead
                    .list(selection, below, most)
                    .await
                    .map_err(|cause| refused(&cause))?;
                Ok((
                    listed,
                    dead.count(selection)
                        .await
                        .map_err(|cause| refused(&cause))?,
                ))
            }
        }
    }
}

fn told(letter: DeadLetter) -> wire::DeadLetter {
    wire::DeadLetter {
        dead_letter_id: letter.id,
        connection_id: letter.connection.to_string(),
        service: letter.service,
        reason: letter.reason,
        error: letter.error,
        event_type: letter.event_type,
        message_id: letter.message_id,
        subject: letter.subject.to_string(),
        attempts: letter.attempts,
        died_at: Some(timestamp(letter.died_at)),
        size_bytes: letter.size_bytes,
    }
}

fn refused(cause: &DeadLetterError) -> Status {
    if matches!(cause, DeadLetterError::Unread) {
        return status::failed_precondition(
            "NOBODY_READS_IT",
            "nobody reads the subject of this message any more; drop it",
        );
    }
    let error = cause as &dyn std::error::Error;
    tracing::warn!(error, "dead letters are out of reach");
    status::unavailable(
        "BUS_AWAY",
        "dead letters cannot be reached for now; try again",
    )
}
