//! What the mirror changed, with everything that its readers need: nobody asks back.

use chrono::{DateTime, Utc};
use harken_contracts::{
    convert::timestamp,
    wire::events::v1::{
        AuthorKind, CompanyRecord as WireCompany, ContactRecord as WireContact,
        ConversationRecord as WireConversation, ConversationStatus, Part, RecordCause,
        RecordChange, RecordChanged, record_change::Record,
    },
};
use harken_domain::Revision;
use harken_store::outbox::{self, OutboxError};
use prost::Message as _;
use sqlx::PgConnection;

use super::Concerned;
use crate::{
    metadata,
    rules::{CompanyRecord, ContactRecord, ConversationRecord, PartRecord, batches},
};

/// Tells changed records of one kind, with the revision each was given.
pub(crate) async fn post<R: Into<Record>>(
    store: &mut PgConnection,
    concerned: Concerned,
    records: impl IntoIterator<Item = (R, Revision)>,
    now: DateTime<Utc>,
) -> Result<(), OutboxError> {
    let changes = records.into_iter().map(|(record, revision)| {
        let change = RecordChange {
            revision: revision.0,
            cause: RecordCause::Imported.into(),
            changed_at: Some(timestamp(now)),
            record: Some(record.into()),
            heard_at: None,
        };
        let size_bytes = change.encoded_len();
        (change, size_bytes)
    });
    let events: Vec<RecordChanged> = batches::cut(changes)
        .into_iter()
        .map(|changes| RecordChanged {
            connection_id: concerned.connection.to_string(),
            organization_id: concerned.organization.to_string(),
            changes,
        })
        .collect();
    outbox::post(store, &events).await
}

impl From<ContactRecord> for Record {
    fn from(record: ContactRecord) -> Self {
        Self::Contact(WireContact {
            customer_id: record.customer_id.to_string(),
            external_id: record.external_id,
            is_customer: record.is_customer,
            contact_role: record.role.to_owned(),
            email: record.email,
            name: record.name,
            first_seen_at: record.first_seen_at.map(timestamp),
            last_seen_at: record.last_seen_at.map(timestamp),
            last_replied_at: record.last_replied_at.map(timestamp),
            tags: record.tags,
            metadata: Some(metadata::to_wire(record.metadata)),
            company_external_ids: record.company_external_ids,
        })
    }
}

impl From<CompanyRecord> for Record {
    fn from(record: CompanyRecord) -> Self {
        Self::Company(WireCompany {
            external_id: record.external_id,
            name: record.name,
            plan: record.plan,
            monthly_spend: record.monthly_spend,
            size: record.size,
            created_at: record.created_at.map(timestamp),
        })
    }
}

impl From<ConversationRecord> for Record {
    fn from(record: ConversationRecord) -> Self {
        let mut wire = WireConversation {
            conversation_id: record.conversation_id.to_string(),
            external_id: record.external_id,
            customer_ids: record
                .customer_ids
                .iter()
                .map(ToString::to_string)
                .collect(),
            status: ConversationStatus::from(record.status).into(),
            created_at: record.created_at.map(timestamp),
            updated_at: Some(timestamp(record.updated_at)),
            first_response_secs: record.first_response_secs,
            resolution_secs: record.resolution_secs,
            reopen_count: record.reopen_count,
            assignment_count: record.assignment_count,
            tags: record.tags,
            last_closed_at: record.last_closed_at.map(timestamp),
            last_contact_reply_at: record.last_contact_reply_at.map(timestamp),
            last_admin_reply_at: record.last_admin_reply_at.map(timestamp),
            parts_complete: record.parts_complete,
            parts: record.parts.into_iter().map(part).collect(),
            title: record.title,
        };
        leave_out_what_does_not_fit(&mut wire);
        Self::Conversation(wire)
    }
}

fn part(record: PartRecord) -> Part {
    Part {
        external_id: record.external_id,
        part_type: record.part_type,
        author_kind: AuthorKind::from(record.author_kind).into(),
        author_external_id: record.author_external_id,
        created_at: record.created_at.map(timestamp),
        is_visible_message: record.is_visible_message,
        is_reopening: record.is_reopening,
        text: record.text,
        text_omitted: false,
        is_redacted: false,
    }
}

/// A conversation beyond the size of a message keeps its structure whole and loses its oldest texts, each marked.
fn leave_out_what_does_not_fit(conversation: &mut WireConversation) {
    let size_bytes = conversation.encoded_len();
    if size_bytes <= batches::MOST_BYTES {
        return;
    }
    let sizes: Vec<usize> = conversation
        .parts
        .iter()
        .map(|part| part.text.as_ref().map_or(0, String::len))
        .collect();
    let dropped = batches::texts_to_drop(&sizes, size_bytes);
    for part in conversation
        .parts
        .iter_mut()
        .take(dropped)
        .filter(|part| part.text.is_some())
    {
        part.text = None;
        part.text_omitted = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_texts(texts: &[usize]) -> WireConversation {
        let part = |size: &usize| Part {
            text: Some("x".repeat(*size)),
            ..Part::default()
        };
        WireConversation {
            parts: texts.iter().map(part).collect(),
            ..WireConversation::default()
        }
    }

    #[test]
    fn a_conversation_too_large_for_a_message_loses_its_oldest_texts_and_says_so() {
        let mut conversation = with_texts(&[300_000, 300_000, 100_000]);
        leave_out_what_does_not_fit(&mut conversation);
        let omitted: Vec<bool> = conversation
            .parts
            .iter()
            .map(|part| part.text_omitted)
            .collect();
        assert_eq!(omitted, [true, false, false]);
        assert!(conversation.encoded_len() <= batches::MOST_BYTES);
        assert!(conversation.parts[0].text.is_none() && conversation.parts[1].text.is_some());
    }

    #[test]
    fn a_conversation_that_fits_stays_whole() {
        let mut conversation = with_texts(&[100_000, 0, 50_000]);
        let before = conversation.clone();
        leave_out_what_does_not_fit(&mut conversation);
        assert_eq!(conversation, before);
    }
}
