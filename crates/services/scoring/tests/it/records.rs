//! Records as sync tells them, around noon of 2026-11-20.

use chrono::{DateTime, TimeDelta, Utc};
use harken_contracts::{
    convert::timestamp,
    wire::events::v1::{
        AuthorKind, ContactRecord, ConversationRecord, ConversationStatus, DeletedRecord, Part,
        RecordCause, RecordChange, RecordChanged, record_change::Record,
    },
};
use harken_domain::{ConnectionId, CustomerId, OrganizationId};
use harken_testkit::{frozen_clock, records};
use prost_types::Timestamp;

use crate::harness::House;

pub(crate) fn hours_ago(hours: i64) -> DateTime<Utc> {
    frozen_clock().now() - TimeDelta::hours(hours)
}

fn wire(hours: i64) -> Timestamp {
    timestamp(hours_ago(hours))
}

/// Records of one connection, each with its revision.
pub(crate) struct Mirror {
    pub(crate) organization: OrganizationId,
    pub(crate) connection: ConnectionId,
}

impl House {
    pub(crate) fn mirror(&self) -> Mirror {
        Mirror {
            organization: self.organization,
            connection: self.connection,
        }
    }
}

impl Mirror {
    pub(crate) fn customer(&self, name: &str) -> CustomerId {
        records::customer_id(self.connection, name)
    }

    /// A customer last seen an hour ago.
    pub(crate) fn contact(&self, name: &str) -> ContactRecord {
        ContactRecord {
            last_seen_at: Some(wire(1)),
            ..records::contact(self.connection, name)
        }
    }

    /// A conversation of one customer that was opened and changed two hours ago.
    pub(crate) fn conversation(&self, name: &str, customer: &str) -> ConversationRecord {
        ConversationRecord {
            created_at: Some(wire(2)),
            updated_at: Some(wire(2)),
            parts: vec![said(AuthorKind::Contact, 2)],
            ..records::conversation(self.connection, name, self.customer(customer))
        }
    }

    pub(crate) fn gone(&self, kind: &str, name: &str) -> DeletedRecord {
        let id = match kind {
            "contact" => self.customer(name).to_string(),
            _ => records::conversation_id(self.connection, name).to_string(),
        };
        DeletedRecord {
            id,
            ..records::deleted(kind, name)
        }
    }

    /// Changes of one kind; each revision beside its record.
    pub(crate) fn told(&self, changes: Vec<(i64, Record)>) -> RecordChanged {
        let changes = changes.into_iter().map(|(revision, record)| RecordChange {
            revision,
            record: Some(record),
            ..RecordChange::default()
        });
        RecordChanged {
            connection_id: self.connection.to_string(),
            organization_id: self.organization.to_string(),
            changes: changes.collect(),
        }
    }

    pub(crate) fn contact_told(&self, revision: i64, contact: ContactRecord) -> RecordChanged {
        self.told(vec![(revision, Record::Contact(contact))])
    }

    pub(crate) fn conversation_told(
        &self,
        revision: i64,
        conversation: ConversationRecord,
    ) -> RecordChanged {
        self.told(vec![(revision, Record::Conversation(conversation))])
    }

    pub(crate) fn gone_told(&self, revision: i64, kind: &str, name: &str) -> RecordChanged {
        self.told(vec![(revision, Record::Deleted(self.gone(kind, name)))])
    }
}

/// The same event with what happened to its records, heard by the edge an hour ago.
pub(crate) fn because(cause: RecordCause, mut event: RecordChanged) -> RecordChanged {
    for change in &mut event.changes {
        change.cause = cause.into();
        change.heard_at = Some(wire(1));
    }
    event
}

/// A conversation that was last changed `hours` ago.
pub(crate) fn changed(conversation: ConversationRecord, hours: i64) -> ConversationRecord {
    ConversationRecord {
        updated_at: Some(wire(hours)),
        ..conversation
    }
}

/// A message that the customer sees.
pub(crate) fn said(author: AuthorKind, hours: i64) -> Part {
    Part {
        external_id: format!("{hours}"),
        part_type: "comment".to_owned(),
        author_kind: author.into(),
        created_at: Some(wire(hours)),
        is_visible_message: true,
        text: Some("canary-of-a-text".to_owned()),
        ..Part::default()
    }
}

pub(crate) fn reopened(hours: i64) -> Part {
    Part {
        part_type: "open".to_owned(),
        is_reopening: true,
        ..said(AuthorKind::Contact, hours)
    }
}

/// A conversation that took `took` hours until it was closed, `hours` ago.
pub(crate) fn closed(
    conversation: ConversationRecord,
    hours: i64,
    took: i64,
) -> ConversationRecord {
    ConversationRecord {
        status: ConversationStatus::Closed.into(),
        updated_at: Some(wire(hours)),
        last_closed_at: Some(wire(hours)),
        resolution_secs: Some(took * 3_600),
        ..conversation
    }
}

/// The moments of a conversation, all that its signal needs.
pub(crate) fn with_parts(conversation: ConversationRecord, parts: Vec<Part>) -> ConversationRecord {
    ConversationRecord {
        parts,
        ..conversation
    }
}
