//! What the mirror changed, with everything that its readers need: nobody asks back.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use harken_contracts::{
    convert::timestamp,
    subjects::RecordKind,
    wire::events::v1::{
        AuthorKind, CompanyRecord as WireCompany, ContactRecord as WireContact,
        ConversationRecord as WireConversation, ConversationStatus, DeletedRecord, Part,
        RecordCause, RecordChange, RecordChanged, record_change::Record,
    },
};
use harken_domain::{ConnectionId, OrganizationId, Revision};
use harken_store::outbox::{self, OutboxError};
use prost::Message as _;
use sqlx::PgConnection;

use crate::{
    metadata,
    rules::{Cause, CompanyRecord, ContactRecord, ConversationRecord, PartRecord, batches},
};

/// A record that changed.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) connection: ConnectionId,
    pub(crate) revision: Revision,
    pub(crate) cause: Cause,
    /// When the edge heard of it; none if a run or a repair read it.
    pub(crate) heard_at: Option<DateTime<Utc>>,
    pub(crate) record: Record,
}

/// Tells changed records of one kind. `organizations` knows whose each connection is.
pub(crate) async fn post(
    store: &mut PgConnection,
    kind: RecordKind,
    organizations: impl Fn(ConnectionId) -> Option<OrganizationId>,
    told: Vec<Told>,
    now: DateTime<Utc>,
) -> Result<(), OutboxError> {
    let mut of_connections: BTreeMap<ConnectionId, Vec<Told>> = BTreeMap::new();
    for one in told {
        of_connections.entry(one.connection).or_default().push(one);
    }
    let mut events = Vec::new();
    for (connection, told) in of_connections {
        let Some(organization) = organizations(connection) else {
            continue;
        };
        let changes = told.into_iter().map(|told| {
            let change = change(kind, told, now);
            let size_bytes = change.encoded_len();
            (change, size_bytes)
        });
        for changes in batches::cut(changes) {
            events.push(RecordChanged {
                connection_id: connection.to_string(),
                organization_id: organization.to_string(),
                changes,
            });
        }
    }
    outbox::post(store, &events).await
}

fn change(kind: RecordKind, told: Told, now: DateTime<Utc>) -> RecordChange {
    RecordChange {
        revision: told.revision.0,
        cause: cause(kind, told.cause).into(),
        changed_at: Some(timestamp(now)),
        record: Some(told.record),
        heard_at: told.heard_at.map(timestamp),
    }
}

/// A cause in the product's words.
fn cause(kind: RecordKind, cause: Cause) -> RecordCause {
    match (kind, cause) {
        (_, Cause::Imported) => RecordCause::Imported,
        (RecordKind::Conversation, Cause::Created) => RecordCause::ConversationCreated,
        (RecordKind::Conversation, Cause::Updated) => RecordCause::ConversationUpdated,
        (RecordKind::Conversation, Cause::PartCreated) => RecordCause::ConversationPartCreated,
        (RecordKind::Conversation, Cause::PartRedacted) => RecordCause::ConversationPartRedacted,
        (RecordKind::Conversation, Cause::Assigned) => RecordCause::ConversationAssigned,
        (RecordKind::Conversation, Cause::Closed) => RecordCause::ConversationClosed,
        (RecordKind::Conversation, Cause::Reopened) => RecordCause::ConversationReopened,
        (RecordKind::Conversation, Cause::Deleted) => RecordCause::ConversationDeleted,
        (RecordKind::Contact, Cause::Created) => RecordCause::ContactCreated,
        (RecordKind::Contact, Cause::Deleted) => RecordCause::ContactDeleted,
        (RecordKind::Contact, _) => RecordCause::ContactUpdated,
        // The product has no words for what happens to companies.
        (RecordKind::Company, _) => RecordCause::Unspecified,
    }
}

/// A record that is gone. A company has no id of ours.
pub(crate) fn deleted(kind: RecordKind, external_id: String, id: String) -> Record {
    Record::Deleted(DeletedRecord {
        kind: kind.as_str().to_owned(),
        external_id,
        id,
    })
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
        is_redacted: record.is_redacted,
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
