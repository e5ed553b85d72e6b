//! The envelope around what a notification is about.

use std::sync::Arc;

use serde_json::json;

/// A notification before it is written; times are Unix seconds.
#[derive(Debug, Clone)]
pub(super) struct Notification {
    pub(super) app_id: &'static str,
    /// None for pings.
    pub(super) id: Option<String>,
    pub(super) topic: &'static str,
    pub(super) created_at: i64,
    pub(super) first_sent_at: Option<i64>,
    /// `data.item`, as JSON.
    pub(super) item: Arc<[u8]>,
}

impl Notification {
    /// The body of the attempt of this number, counted from 1.
    pub(super) fn body(&self, attempt: u32, now: i64) -> Vec<u8> {
        let rest = json!({
            "links": {},
            "id": self.id,
            "topic": self.topic,
            "delivery_status": self.id.as_ref().map(|_| "pending"),
            "delivery_attempts": attempt,
            "delivered_at": 0,
            "first_sent_at": self.first_sent_at.unwrap_or(now),
            "created_at": self.created_at,
            "self": null,
        })
        .to_string();
        let mut body = Vec::with_capacity(self.item.len() + rest.len() + 160);
        body.extend_from_slice(br#"{"type":"notification_event","app_id":""#);
        body.extend_from_slice(self.app_id.as_bytes());
        body.extend_from_slice(br#"","data":{"type":"notification_event_data","item":"#);
        body.extend_from_slice(&self.item);
        body.extend_from_slice(b"},");
        body.extend_from_slice(&rest.as_bytes()[1..]);
        body
    }
}
