//! Records as a mirror tells them, complete enough to be taken.

use harken_contracts::wire::events::v1::record_change::Record;
use harken_contracts::wire::events::v1::{
    CompanyRecord, ContactRecord, ConversationRecord, ConversationStatus, DeletedRecord,
    RecordCause, RecordChange, RecordChanged,
};
use harken_domain::{ConnectionId, ConversationId, CustomerId, OrganizationId};

/// Changes of records of one kind, each with revision 1.
pub fn changed(
    organization: OrganizationId,
    connection: ConnectionId,
    records: Vec<Record>,
) -> RecordChanged {
    let change = |record| RecordChange {
        revision: 1,
        cause: RecordCause::Imported.into(),
        changed_at: None,
        record: Some(record),
        heard_at: None,
    };
    RecordChanged {
        connection_id: connection.to_string(),
        organization_id: organization.to_string(),
        changes: records.into_iter().map(change).collect(),
    }
}

/// A customer with an e-mail address.
pub fn contact(connection: ConnectionId, external_id: &str) -> ContactRecord {
    ContactRecord {
        customer_id: customer_id(connection, external_id).to_string(),
        external_id: external_id.to_owned(),
        is_customer: true,
        contact_role: "user".to_owned(),
        email: Some(format!("{external_id}@example.com")),
        name: Some(format!("Customer {external_id}")),
        ..ContactRecord::default()
    }
}

/// A company.
pub fn company(external_id: &str) -> CompanyRecord {
    CompanyRecord {
        external_id: external_id.to_owned(),
        name: Some(format!("Company {external_id}")),
        ..CompanyRecord::default()
    }
}

/// An open conversation of one customer, without parts.
pub fn conversation(
    connection: ConnectionId,
    external_id: &str,
    customer: CustomerId,
) -> ConversationRecord {
    ConversationRecord {
        conversation_id: conversation_id(connection, external_id).to_string(),
        external_id: external_id.to_owned(),
        customer_ids: vec![customer.to_string()],
        status: ConversationStatus::Open.into(),
        parts_complete: true,
        ..ConversationRecord::default()
    }
}

/// A record that is gone; `kind` is `contact`, `company` or `conversation`.
pub fn deleted(kind: &str, external_id: &str) -> DeletedRecord {
    DeletedRecord {
        kind: kind.to_owned(),
        external_id: external_id.to_owned(),
        ..DeletedRecord::default()
    }
}

/// The customer that a contact of a connection is, in these tests.
pub fn customer_id(connection: ConnectionId, external_id: &str) -> CustomerId {
    CustomerId::derive(&[connection.as_uuid().as_bytes(), external_id.as_bytes()])
}

/// The id that a conversation of a connection has, in these tests.
pub fn conversation_id(connection: ConnectionId, external_id: &str) -> ConversationId {
    ConversationId::derive(&[connection.as_uuid().as_bytes(), external_id.as_bytes()])
}
