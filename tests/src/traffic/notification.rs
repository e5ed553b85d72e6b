use bytes::Bytes;
use serde_json::{Value, json};

/// A notification as Intercom sends it.
#[derive(Clone, Debug)]
pub struct Notification {
    /// Intercom's id of it.
    pub id: String,
    /// What it is about.
    pub record: Record,
    /// The bytes that are signed.
    pub body: Bytes,
}

/// A record of Intercom.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Record {
    /// What it is.
    pub kind: Kind,
    /// Intercom's id.
    pub external_id: String,
}

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A contact.
    Contact,
    /// A conversation.
    Conversation,
}

impl Notification {
    /// Puts an item into Intercom's envelope.
    pub fn new(
        workspace_id: &str,
        topic: &str,
        record: Record,
        created_at: i64,
        item: &Value,
    ) -> Self {
        let id = format!("notif_{}", hex::encode(rand::random::<[u8; 16]>()));
        let envelope = json!({
            "type": "notification_event",
            "app_id": workspace_id,
            "data": {"type": "notification_event_data", "item": item},
            "links": {},
            "id": id,
            "topic": topic,
            "delivery_status": "pending",
            "delivery_attempts": 1,
            "delivered_at": 0,
            "first_sent_at": created_at,
            "created_at": created_at,
            "self": null,
        });
        Self {
            id,
            record,
            body: envelope.to_string().into(),
        }
    }
}
