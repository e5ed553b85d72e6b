use std::collections::BTreeMap;

use serde_json::{Value, json};

/// What a workspace holds.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// By Intercom's id.
    pub contacts: BTreeMap<String, Contact>,
    /// By Intercom's id; those that were deleted are not here.
    pub conversations: BTreeMap<String, Conversation>,
}

/// A contact.
#[derive(Clone, Debug)]
pub struct Contact {
    pub(super) external_id: String,
    /// As people see it.
    pub name: String,
    /// Unique.
    pub email: String,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
}

/// A conversation.
#[derive(Clone, Debug)]
pub struct Conversation {
    pub(super) external_id: String,
    pub(super) contact: Author,
    pub(super) created_at: i64,
    /// Unix seconds; grows with every change.
    pub updated_at: i64,
    /// Or closed.
    pub is_open: bool,
    /// Times it was reopened.
    pub reopens: u32,
    /// Times it was assigned.
    pub assignments: u32,
    /// But the opening message.
    pub parts: Vec<Part>,
    pub(super) last_contact_reply_at: i64,
    pub(super) first_admin_reply_at: Option<i64>,
    pub(super) last_admin_reply_at: Option<i64>,
    pub(super) last_close_at: Option<i64>,
}

/// A part.
#[derive(Clone, Debug)]
pub struct Part {
    /// Intercom's id.
    pub external_id: String,
    pub(super) kind: &'static str,
    /// What was written; none where nothing was.
    pub body: Option<String>,
    pub(super) author: Author,
    pub(super) created_at: i64,
}

/// Who wrote.
#[derive(Clone, Debug)]
pub(super) struct Author {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: String,
}

impl Contact {
    pub(super) fn author(&self) -> Author {
        Author {
            kind: "user",
            id: self.external_id.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
        }
    }

    pub(super) fn item(&self) -> Value {
        json!({
            "type": "contact",
            "id": self.external_id,
            "external_id": format!("ours-{}", self.external_id),
            "role": "user",
            "email": self.email,
            "name": self.name,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "last_seen_at": iso(self.updated_at),
            "custom_attributes": {"plan_tier": "growth"},
            "tags": {"type": "list", "data": [], "total_count": 0, "has_more": false},
            "companies": {"type": "list", "data": [], "total_count": 0, "has_more": false},
        })
    }
}

impl Conversation {
    /// As a notification tells it: whole, but with the part alone that caused it.
    pub(super) fn item(&self, told: Option<&Part>) -> Value {
        let parts: Vec<Value> = told.into_iter().map(Part::item).collect();
        json!({
            "type": "conversation",
            "id": self.external_id,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "waiting_since": null,
            "snoozed_until": null,
            "source": {
                "type": "conversation",
                "id": format!("{}0", self.external_id),
                "delivered_as": "customer_initiated",
                "subject": "",
                "body": "Our weekly sync has been failing since Monday.",
                "author": self.contact.item(),
                "attachments": [],
                "redacted": false,
            },
            "contacts": {
                "type": "contact.list",
                "contacts": [{"type": "contact", "id": self.contact.id}],
            },
            "admin_assignee_id": 0,
            "team_assignee_id": 0,
            "open": self.is_open,
            "state": if self.is_open { "open" } else { "closed" },
            "read": false,
            "tags": {"type": "tag.list", "tags": []},
            "priority": "none",
            "statistics": self.statistics(),
            "conversation_rating": null,
            "title": "",
            "custom_attributes": {},
            "conversation_parts": {
                "type": "conversation_part.list",
                "total_count": parts.len(),
                "conversation_parts": parts,
            },
        })
    }

    fn statistics(&self) -> Value {
        let since = |at: i64| at - self.created_at;
        json!({
            "type": "conversation_statistics",
            "time_to_admin_reply": self.first_admin_reply_at.map(since),
            "time_to_last_close": self.last_close_at.map(since),
            "first_contact_reply_at": self.created_at,
            "first_admin_reply_at": self.first_admin_reply_at,
            "last_contact_reply_at": self.last_contact_reply_at,
            "last_admin_reply_at": self.last_admin_reply_at,
            "last_close_at": self.last_close_at,
            "count_reopens": self.reopens,
            "count_assignments": self.assignments,
            "count_conversation_parts": self.parts.len() + 1,
        })
    }
}

impl Part {
    fn item(&self) -> Value {
        json!({
            "type": "conversation_part",
            "id": self.external_id,
            "part_type": self.kind,
            "body": self.body,
            "created_at": self.created_at,
            "updated_at": self.created_at,
            "notified_at": self.created_at,
            "assigned_to": null,
            "author": self.author.item(),
            "attachments": [],
            "external_id": null,
            "redacted": false,
            "metadata": {},
            "tags": [],
            "event_details": {},
            "app_package_code": null,
        })
    }
}

impl Author {
    fn item(&self) -> Value {
        json!({"type": self.kind, "id": self.id, "name": self.name, "email": self.email})
    }
}

/// As webhooks tell the times of contacts.
fn iso(at: i64) -> String {
    let at = chrono::DateTime::from_timestamp(at, 0).unwrap();
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, false)
}
