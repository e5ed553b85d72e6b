use futures::{StreamExt as _, TryStreamExt as _, stream};
use harken_bus::{DeadLetter, DeadLetterSelection};
use harken_contracts::convert::datetime;
use harken_contracts::wire::dead::v1 as wire;
use harken_domain::ConnectionId;
use harken_runtime::status;
use prost_types::Timestamp;

use super::{DeadLetters, refused};
use crate::outbound::{Acting, Answer};

/// Most letters that are named one by one.
const MOST_IDS: usize = 500;
/// Letters read at once.
const AT_ONCE: usize = 16;
const LONGEST_WORD: usize = 64;

/// What a selection leads to.
pub(super) enum Selected {
    /// Letters that were named, newest first.
    These(Vec<DeadLetter>),
    /// Whatever fits.
    All(DeadLetterSelection),
}

impl DeadLetters {
    /// Reads a selection within the organization. Letters that are named and are not there, or another organization's,
    /// are not selected.
    pub(super) async fn select(
        &self,
        acting: Acting,
        asked: wire::DeadLetterSelection,
    ) -> Answer<Selected> {
        let asking = self.rooms.for_caller(acting);
        let owned = asking.connections().await?.into_iter();
        let mut connections: Vec<ConnectionId> = owned
            .filter_map(|one| one.connection_id.parse().ok())
            .collect();
        if !asked.connection_id.is_empty() {
            let wanted = asked.connection_id.parse();
            let wanted: ConnectionId = wanted.map_err(|_| {
                status::invalid_argument("selection.connection_id", "is no connection, con_…")
            })?;
            connections.retain(|one| *one == wanted);
            if connections.is_empty() {
                return Err(status::not_found("connection"));
            }
        }
        let selection = DeadLetterSelection {
            connections,
            service: word("selection.service", asked.service)?,
            reason: word("selection.reason", asked.reason)?,
            since: moment("selection.died_since", asked.died_since.as_ref())?,
            before: moment("selection.died_before", asked.died_before.as_ref())?,
        };
        if asked.dead_letter_ids.is_empty() {
            return Ok(Selected::All(selection));
        }
        let letters = self.named(acting, asked.dead_letter_ids).await?;
        let fitting = letters.into_iter().filter(|one| selection.fits(one));
        Ok(Selected::These(fitting.collect()))
    }

    async fn named(&self, acting: Acting, mut ids: Vec<u64>) -> Answer<Vec<DeadLetter>> {
        if ids.len() > MOST_IDS {
            let problem = format!("names more than {MOST_IDS}; select by reason or time");
            return Err(status::invalid_argument(
                "selection.dead_letter_ids",
                problem,
            ));
        }
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids.dedup();
        let dead = self.bus.dead_letters();
        let reading = stream::iter(ids).map(|id| {
            let dead = dead.clone();
            async move { dead.read(id).await }
        });
        let read: Vec<_> = reading
            .buffered(AT_ONCE)
            .try_collect()
            .await
            .map_err(|cause| refused(&cause))?;
        let letters = read.into_iter().flatten().map(|whole| whole.letter);
        Ok(letters
            .filter(|letter| letter.organization == acting.organization)
            .collect())
    }
}

/// What a page token belongs to.
pub(super) fn fingerprint(asked: &wire::DeadLetterSelection) -> impl serde::Serialize + use<> {
    let wire::DeadLetterSelection {
        dead_letter_ids,
        connection_id,
        service,
        reason,
        died_since,
        died_before,
    } = asked.clone();
    let at = |moment: Option<Timestamp>| moment.map(|at| (at.seconds, at.nanos));
    (
        dead_letter_ids,
        connection_id,
        service,
        reason,
        at(died_since),
        at(died_before),
    )
}

fn word(field: &str, text: String) -> Answer<Option<String>> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if text.len() > LONGEST_WORD || !text.bytes().all(is_plain) {
        return Err(status::invalid_argument(
            field,
            "is no word of letters, digits, _ and -",
        ));
    }
    Ok((!text.is_empty()).then_some(text))
}

fn moment(field: &str, at: Option<&Timestamp>) -> Answer<Option<chrono::DateTime<chrono::Utc>>> {
    let read = at.map(datetime).transpose();
    read.map_err(|_| status::invalid_argument(field, "is no moment"))
}
