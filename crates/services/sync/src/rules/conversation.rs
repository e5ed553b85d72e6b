use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, ConversationId, ConversationStatus, CustomerId};
use harken_intercom::models::Conversation;

use super::{Kept, parts::PartRecord};

/// A conversation with its parts as the mirror keeps it (PRODUCT C6).
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ConversationRecord {
    pub(crate) conversation_id: ConversationId,
    pub(crate) external_id: String,
    /// Customers among the contacts, in the contacts' order.
    pub(crate) customer_ids: Vec<CustomerId>,
    pub(crate) contact_external_ids: Vec<String>,
    pub(crate) status: ConversationStatus,
    pub(crate) title: Option<String>,
    pub(crate) created_at: Option<DateTime<Utc>>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) first_response_secs: Option<i64>,
    pub(crate) resolution_secs: Option<i64>,
    pub(crate) reopen_count: u32,
    pub(crate) assignment_count: u32,
    /// Names, sorted.
    pub(crate) tags: Vec<String>,
    pub(crate) last_closed_at: Option<DateTime<Utc>>,
    pub(crate) last_contact_reply_at: Option<DateTime<Utc>>,
    pub(crate) last_admin_reply_at: Option<DateTime<Utc>>,
    pub(crate) parts_counted: Option<u32>,
    /// False where Intercom gave a tail only.
    pub(crate) parts_complete: bool,
    pub(crate) parts: Vec<PartRecord>,
    pub(crate) extra: Kept,
}

impl std::fmt::Debug for ConversationRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "ConversationRecord({}, {} parts)",
            self.conversation_id,
            self.parts.len()
        )
    }
}

impl ConversationRecord {
    /// The one id of a conversation of a connection.
    pub(crate) fn id_of(connection: ConnectionId, external_id: &str) -> ConversationId {
        ConversationId::derive(&[connection.as_uuid().as_bytes(), external_id.as_bytes()])
    }
}

/// Names of its tags, sorted.
pub(super) fn tag_names_of(conversation: &Conversation) -> Vec<String> {
    let names = conversation.tags.iter().filter_map(|tag| tag.name.clone());
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether the answer held every part. Intercom gives the latest 500 and does not say how many there are beyond; its
/// `count_conversation_parts` also counts what it never shows, so below the cap it proves nothing.
pub(super) fn has_every_part(conversation: &Conversation, counted: Option<u64>) -> bool {
    let given = conversation.parts().len() as u64;
    let listed = conversation.parts_listed();
    if listed.is_some_and(|listed| listed > given) {
        return false;
    }
    given < Conversation::MOST_PARTS as u64 || counted.is_some_and(|counted| counted <= given)
}

pub(super) fn small(count: u64) -> u32 {
    i32::try_from(count).unwrap_or(i32::MAX).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::rules::fold::{ConversationSight, Origin};

    fn connection() -> ConnectionId {
        ConnectionId::derive(&[b"test"])
    }

    fn record(json: &Value) -> ConversationRecord {
        let conversation = serde_json::from_str(&json.to_string()).unwrap();
        let sight = ConversationSight::new(conversation, (Origin::Fetched, DateTime::UNIX_EPOCH));
        let contacts = sight.contacts().to_vec();
        sight.into_record(connection(), contacts, Vec::new())
    }

    #[test]
    fn every_field_of_a_conversation_finds_its_place() {
        let record = record(&json!({
            "id": "2154", "state": "closed", "open": false, "title": "Invoice", "created_at": 100, "updated_at": 900,
            "contacts": {"contacts": [{"id": "a"}, {"id": "b"}]},
            "tags": {"tags": [{"id": "2", "name": "vip"}, {"id": "1", "name": "billing"}]},
            "statistics": {"time_to_admin_reply": 60, "time_to_last_close": 700, "count_reopens": 2,
                "count_assignments": 3, "count_conversation_parts": 9, "last_close_at": 800,
                "last_contact_reply_at": 500, "last_admin_reply_at": 600},
            "conversation_parts": {"conversation_parts": [{"id": "1", "part_type": "close"}], "total_count": 1},
        }));
        let at = |secs| DateTime::from_timestamp(secs, 0);
        assert_eq!(
            record.conversation_id,
            ConversationRecord::id_of(connection(), "2154")
        );
        assert_eq!(
            (record.external_id.as_str(), record.status),
            ("2154", ConversationStatus::Closed)
        );
        assert_eq!(record.title.as_deref(), Some("Invoice"));
        assert_eq!(
            (record.created_at, Some(record.updated_at)),
            (at(100), at(900))
        );
        assert_eq!(
            (record.first_response_secs, record.resolution_secs),
            (Some(60), Some(700))
        );
        assert_eq!((record.reopen_count, record.assignment_count), (2, 3));
        assert_eq!(record.tags, ["billing", "vip"]);
        assert_eq!(record.last_closed_at, at(800));
        assert_eq!(
            (record.last_contact_reply_at, record.last_admin_reply_at),
            (at(500), at(600))
        );
        assert_eq!(
            (record.parts_counted, record.parts_complete),
            (Some(9), true)
        );
        assert_eq!(record.contact_external_ids, ["a", "b"]);
        assert_eq!(record.parts.len(), 1);
    }

    #[test]
    fn what_never_happened_is_absent() {
        let record =
            record(&json!({"id": "1", "updated_at": 5, "statistics": null, "source": null}));
        assert_eq!(
            (record.first_response_secs, record.resolution_secs),
            (None, None)
        );
        assert_eq!((record.reopen_count, record.parts_counted), (0, None));
        assert!(record.parts.is_empty() && record.parts_complete && record.title.is_none());
    }

    #[test]
    fn a_conversation_without_title_is_named_by_its_first_words() {
        for (source, title) in [
            (
                json!({"subject": "<p>Your order</p>", "body": "<p>Hi</p>"}),
                Some("Your order"),
            ),
            (
                json!({"subject": "", "body": "<p>Hi,</p><p>my order</p>"}),
                Some("Hi,"),
            ),
            (json!({"body": null}), None),
        ] {
            assert_eq!(
                record(&json!({"id": "1", "title": "", "source": source}))
                    .title
                    .as_deref(),
                title
            );
        }
    }

    #[test]
    fn a_tail_of_parts_is_told_from_all_of_them() {
        let parts = |given: usize| -> Vec<Value> {
            (0..given)
                .map(|n| json!({"id": n + 1, "part_type": "comment"}))
                .collect()
        };
        for (given, listed, counted, complete) in [
            (3, json!(3), json!(9), true),
            (3, json!(null), json!(null), true),
            (3, json!(4), json!(4), false),
            (499, json!(499), json!(620), true),
            (500, json!(500), json!(500), true),
            (500, json!(500), json!(731), false),
            (500, json!(731), json!(500), false),
            (500, json!(500), json!(null), false),
        ] {
            let record = record(&json!({
                "id": "1", "statistics": {"count_conversation_parts": counted.clone()},
                "conversation_parts": {"conversation_parts": parts(given), "total_count": listed.clone()},
            }));
            assert_eq!(
                record.parts_complete, complete,
                "{given} given, {listed} listed, {counted} counted"
            );
        }
    }
}
