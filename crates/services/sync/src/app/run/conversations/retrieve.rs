use harken_intercom::ReadError;

use super::batch::size_of;
use crate::{
    app::run::{
        Desk, Halt,
        customers::{Customers, Learned},
        fetch::concerns_one_record,
    },
    outbound::postgres::gaps::{Gap, GapKind},
    rules::{counts::Kind, fold::ConversationSight, lacking::Lack},
};

/// What became of a conversation that was wanted.
#[derive(Debug)]
pub(super) struct Retrieved {
    /// The id that was wanted.
    pub(super) external_id: String,
    /// None: left out, or a gap.
    pub(super) record: Option<ConversationSight>,
    pub(super) learned: Learned,
    pub(super) gap: Option<Gap>,
    /// Bytes in memory, about.
    pub(super) size_bytes: usize,
}

/// Fetches a conversation with its parts and finds out whose it is.
pub(super) async fn retrieve(
    desk: &Desk,
    customers: &Customers<'_>,
    external_id: String,
) -> Result<Retrieved, Halt> {
    let reading = desk.reading();
    let asked = desk
        .ask(Kind::Conversations, || {
            desk.reader.conversation(&external_id)
        })
        .await;
    let conversation = match asked {
        Ok(conversation) => conversation,
        Err(error) if concerns_one_record(&error) => return Ok(missing(desk, external_id, &error)),
        Err(error) => return Err(desk.fatal(Kind::Conversations, &error)),
    };
    let contacts = conversation.contact_ids();
    let learned = customers.meet(contacts.clone()).await?;
    let owners = customers.among(&contacts);
    let record = (!owners.is_empty()).then(|| ConversationSight::new(conversation, reading));
    Ok(Retrieved {
        external_id,
        learned,
        gap: None,
        size_bytes: record.as_ref().map_or(0, size_of),
        record,
    })
}

fn missing(desk: &Desk, external_id: String, error: &ReadError) -> Retrieved {
    desk.notes.warning(
        format!("A conversation could not be read: {error}"),
        error.request_id(),
    );
    let reason = match error {
        ReadError::NotFound { .. } => {
            "Intercom answered 404: it was deleted while the sync was going on, or may not be read"
                .to_owned()
        }
        error => error.to_string(),
    };
    Retrieved {
        gap: Some(Gap {
            kind: GapKind::Conversation,
            external_id: external_id.clone(),
            lack: Lack::of(error),
            reason,
            request_id: error.request_id().map(str::to_owned),
        }),
        external_id,
        record: None,
        learned: Learned::default(),
        size_bytes: 0,
    }
}
