use harken_contracts::convert::datetime;
use harken_contracts::wire::events::v1::record_change::Record;
use harken_contracts::wire::events::v1::{RecordCause, RecordChange, RecordChanged};
use serde_json::{Value, json};

use super::at;
use crate::app::{Entry, Told};
use crate::words;

/// One event per record; what a run read is no event.
pub(super) fn told(event: &RecordChanged) -> Vec<Told> {
    let changes = event.changes.iter().filter_map(|change| {
        let name = words::cause(change.cause())?;
        let data = data(&event.connection_id, change)?.to_string();
        Some(Told { name, data })
    });
    changes.collect()
}

/// What people are shown of it.
pub(super) fn entries(event: &RecordChanged) -> Vec<Entry> {
    let shown = event.changes.iter().filter_map(|change| {
        let cause = Some(change.cause()).filter(|cause| words::cause(*cause).is_some())?;
        let at = datetime(change.changed_at.as_ref()?).ok()?;
        let (customer, conversation) = match change.record.as_ref()? {
            Record::Contact(contact) if contact.is_customer => (contact.customer_id.clone(), None),
            Record::Conversation(conversation) => (
                conversation
                    .customer_ids
                    .first()
                    .cloned()
                    .unwrap_or_default(),
                Some(conversation.conversation_id.clone()),
            ),
            Record::Deleted(gone) if cause == RecordCause::ContactDeleted => {
                (gone.id.clone(), None)
            }
            Record::Deleted(_) => (String::new(), None),
            Record::Contact(_) | Record::Company(_) => return None,
        };
        Some(Entry {
            at,
            customer,
            conversation,
            cause: Some(cause),
            movement: None,
        })
    });
    shown.collect()
}

fn data(connection_id: &str, change: &RecordChange) -> Option<Value> {
    let mut data = match change.record.as_ref()? {
        Record::Contact(contact) => json!({
            "customer_id": contact.is_customer.then_some(&contact.customer_id),
            "external_id": contact.external_id,
        }),
        Record::Conversation(conversation) => json!({
            "conversation_id": conversation.conversation_id,
            "external_id": conversation.external_id,
            "customer_ids": conversation.customer_ids,
            "status": words::status(conversation.status()),
        }),
        Record::Deleted(gone) if gone.kind == "contact" => {
            json!({"customer_id": gone.id, "external_id": gone.external_id})
        }
        Record::Deleted(gone) => {
            json!({"conversation_id": gone.id, "external_id": gone.external_id})
        }
        Record::Company(_) => return None,
    };
    let fields = data.as_object_mut()?;
    fields.insert("connection_id".to_owned(), connection_id.into());
    fields.insert("revision".to_owned(), change.revision.into());
    fields.insert("changed_at".to_owned(), at(change.changed_at.as_ref()));
    fields.insert("heard_at".to_owned(), at(change.heard_at.as_ref()));
    Some(data)
}
