//! Notifications as Intercom sends them, in both serialisations.

use bytes::Bytes;
use harken_bus::Outgoing;
use harken_contracts::{
    convert::timestamp,
    events::Event as _,
    subjects::{self, Lane},
    wire::events::v1::WebhookReceived,
};
use harken_domain::{ConnectionId, OrganizationId};
use harken_intercom::{PseudonymKey, webhook::Notification};
use prost::Message as _;
use serde_json::{Value, json};

use crate::harness::{PSEUDONYM_KEY, now};

/// What is told at once.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) topic: String,
    pub(crate) body: Vec<u8>,
    pub(crate) ids_only: bool,
    pub(crate) veiled: bool,
}

/// A notification about `item`, at this Unix second.
pub(crate) fn told(id: &str, topic: &str, at: i64, item: &Value) -> Told {
    let envelope = json!({
        "type": "notification_event", "app_id": "nwc7k2qx", "topic": topic, "id": id, "created_at": at,
        "first_sent_at": at + 1, "delivery_attempts": 1, "delivery_status": "pending", "delivered_at": 0,
        "links": {}, "self": null, "data": {"type": "notification_event_data", "item": item},
    });
    Told {
        id: id.to_owned(),
        topic: topic.to_owned(),
        body: serde_json::to_vec(&envelope).unwrap(),
        ids_only: false,
        veiled: false,
    }
}

impl Told {
    /// The same as the edge keeps it where structure alone was invited.
    pub(crate) fn veiled(self) -> Self {
        let key = PseudonymKey::try_from(&PSEUDONYM_KEY[..]).unwrap();
        Self {
            body: Notification::read(&self.body).unwrap().veiled(&key),
            veiled: true,
            ..self
        }
    }

    /// The message that the edge makes of it.
    pub(crate) fn message(
        &self,
        message_id: String,
        organization: OrganizationId,
        connection: ConnectionId,
    ) -> Outgoing {
        use harken_bus::headers::{CONNECTION, EVENT, ORGANIZATION};
        let lane = Lane::of(&self.id);
        let event = WebhookReceived {
            connection_id: connection.to_string(),
            organization_id: organization.to_string(),
            workspace_id: "nwc7k2qx".to_owned(),
            notification_id: self.id.clone(),
            topic: self.topic.clone(),
            lane: lane.number(),
            ids_only: self.ids_only,
            veiled: self.veiled,
            body: Bytes::from(self.body.clone()),
            received_at: Some(timestamp(now())),
        };
        Outgoing {
            subject: subjects::webhook(connection, lane),
            message_id,
            headers: vec![
                (EVENT.to_owned(), WebhookReceived::TYPE.to_owned()),
                (ORGANIZATION.to_owned(), organization.to_string()),
                (CONNECTION.to_owned(), connection.to_string()),
            ],
            payload: event.encode_to_vec().into(),
        }
    }
}

/// A conversation of one contact, as it stands at a moment, with the parts that caused the notification.
pub(crate) struct Conversation<'a> {
    pub(crate) id: &'a str,
    pub(crate) contact: &'a str,
    pub(crate) state: &'a str,
    pub(crate) updated_at: i64,
    pub(crate) counted: u32,
    pub(crate) parts: Vec<Value>,
    /// Up to 2.14: HTML, and moments of the statistics as text.
    pub(crate) is_old_form: bool,
}

impl Conversation<'_> {
    pub(crate) fn item(&self) -> Value {
        let moment = |secs: i64| {
            if self.is_old_form {
                let at = chrono::DateTime::from_timestamp(secs, 0).unwrap();
                json!(at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
            } else {
                json!(secs)
            }
        };
        let html = |text: &str| {
            if self.is_old_form {
                format!("<p>{text}</p>")
            } else {
                text.to_owned()
            }
        };
        let closed = self.state == "closed";
        json!({
            "type": "conversation", "id": self.id, "created_at": 1000, "updated_at": self.updated_at,
            "open": !closed, "state": self.state, "title": "", "read": true,
            "priority": if self.is_old_form { "not_priority" } else { "none" },
            "admin_assignee_id": if self.is_old_form { Value::Null } else { json!(0) },
            "source": {"type": "conversation", "id": "1", "delivered_as": "customer_initiated", "subject": "",
                "body": html("It has been failing since Monday"), "redacted": false, "attachments": [],
                "author": {"type": "user", "id": self.contact, "name": "Dana", "email": "dana@example.com"}},
            "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": self.contact}]},
            "tags": {"type": "tag.list", "tags": []},
            "statistics": {"type": "conversation_statistics", "time_to_admin_reply": null, "count_reopens": 0,
                "count_assignments": 0, "count_conversation_parts": self.counted,
                "last_contact_reply_at": moment(1000),
                "last_close_at": if closed { moment(self.updated_at) } else { Value::Null }},
            "conversation_rating": null, "teammates": {"type": "admin.list", "admins": []},
            "conversation_parts": {"type": "conversation_part.list", "conversation_parts": self.parts,
                "total_count": self.parts.len()},
        })
    }
}

/// A part of a conversation.
pub(crate) fn part(id: &str, part_type: &str, at: i64, state: &str, body: Option<&str>) -> Value {
    json!({
        "type": "conversation_part", "id": id, "part_type": part_type, "body": body, "created_at": at,
        "updated_at": at, "notified_at": at, "assigned_to": null, "attachments": [], "redacted": false,
        "author": {"id": "8210441", "type": "admin", "name": "Priya", "email": "priya@agency.example"},
        "state": state, "tags": [], "event_details": {}, "app_package_code": null,
    })
}

/// A contact, with the notation of moments that webhooks use.
pub(crate) fn contact(id: &str, email: Option<&str>, name: &str, updated_at: i64) -> Value {
    let moment = |secs: i64| {
        let at = chrono::DateTime::from_timestamp_millis(secs * 1000 + 465).unwrap();
        at.to_rfc3339_opts(chrono::SecondsFormat::Millis, false)
    };
    json!({
        "type": "contact", "id": id, "workspace_id": "nwc7k2qx", "external_id": format!("ext-{id}"), "role": "user",
        "email": email, "name": name, "created_at": moment(500), "updated_at": moment(updated_at),
        "last_seen_at": null, "last_replied_at": null, "custom_attributes": {"plan_tier": "growth"},
        "tags": {"type": "list", "data": [], "total_count": 0, "has_more": false},
        "companies": {"type": "list", "data": [], "total_count": 0, "has_more": false},
    })
}
