//! What a part is: a message, a note, a reopening, or book-keeping. `part_type` is an open set, so it is only asked about
//! what content and author cannot tell.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use harken_domain::{AuthorKind, ConversationStatus};
use harken_intercom::models::{Author, Conversation, Extra, Part, Source};

use super::{Kept, fingerprint, fold::Origin};

/// A part as the mirror keeps it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an answer of its own"
)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PartRecord {
    pub(crate) external_id: String,
    pub(crate) part_type: String,
    pub(crate) author_kind: AuthorKind,
    pub(crate) author_external_id: Option<String>,
    pub(crate) created_at: Option<DateTime<Utc>>,
    /// When Intercom last changed it; the opening message does not tell.
    pub(crate) updated_at: Option<DateTime<Utc>>,
    pub(crate) is_visible_message: bool,
    /// State of the conversation after it, where it tells.
    pub(crate) state: Option<ConversationStatus>,
    /// Intercom erased what it said; for good.
    pub(crate) is_redacted: bool,
    pub(crate) origin: Origin,
    /// Follows from the parts before it.
    pub(crate) is_reopening: bool,
    pub(crate) text: Option<String>,
    pub(crate) extra: Kept,
    /// Whether the store holds it as it is here.
    pub(crate) is_saved: bool,
}

impl std::fmt::Debug for PartRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PartRecord({}, {})", self.external_id, self.part_type)
    }
}

impl PartRecord {
    /// Whether this is newer than what else was seen of the same part. What is redacted stays so; between two sights that
    /// nothing else tells apart, their content decides.
    pub(super) fn beats(&self, other: &Self) -> bool {
        let rank = |part: &Self| {
            (
                part.is_redacted,
                part.updated_at.or(part.created_at),
                part.origin,
            )
        };
        match rank(self).cmp(&rank(other)) {
            Ordering::Less => false,
            Ordering::Greater => true,
            Ordering::Equal => {
                !self.says_the_same_as(other)
                    && fingerprint(&self.content()) > fingerprint(&other.content())
            }
        }
    }

    /// Whether readers see no difference.
    pub(super) fn says_the_same_as(&self, other: &Self) -> bool {
        self.content() == other.content()
    }

    /// What it says, without how it came here and what follows from other parts.
    pub(super) fn content(&self) -> impl std::hash::Hash + PartialEq + '_ {
        (
            (&self.part_type, self.author_kind, &self.author_external_id),
            (self.created_at, self.is_visible_message, self.state),
            (self.is_redacted, &self.text),
        )
    }

    /// Whether it opens a closed conversation again by its very type.
    pub(super) fn is_reopening_by_type(&self) -> bool {
        matches!(
            self.part_type.as_str(),
            "open" | "assign_and_reopen" | "note_and_reopen"
        )
    }
}

/// The id under which a conversation's opening message is held.
pub(super) fn opening_id(conversation_id: &str) -> String {
    format!("source:{conversation_id}")
}

/// What an answer or a notification shows of a conversation's parts, its opening message included.
pub(super) fn parts_of(conversation: &mut Conversation, origin: Origin) -> Vec<PartRecord> {
    let mut given = conversation.take_parts();
    given.retain(|part| !part.id.is_empty());
    let opening = conversation
        .source
        .as_mut()
        .map(|source| opening_message(&conversation.id, source, conversation.created_at, origin));
    opening
        .into_iter()
        .chain(given.into_iter().map(|part| later_part(part, origin)))
        .collect()
}

/// Parts in order of (`created_at`, id), the opening message first, and which of them reopen.
pub(super) fn in_order(mut parts: Vec<PartRecord>) -> Vec<PartRecord> {
    fn place(part: &PartRecord) -> (bool, Option<DateTime<Utc>>, usize, &str) {
        let is_opening = part.external_id.starts_with("source:");
        // Ids are numbers that grow: the longer one is the later one.
        (
            !is_opening,
            part.created_at,
            part.external_id.len(),
            &part.external_id,
        )
    }
    parts.sort_by(|a, b| place(a).cmp(&place(b)));
    let mut state = ConversationStatus::Open;
    for part in &mut parts {
        let is_reopening = reopens(part, &mut state);
        if is_reopening != part.is_reopening {
            part.is_reopening = is_reopening;
            part.is_saved = false;
        }
    }
    parts
}

fn opening_message(
    conversation_id: &str,
    source: &mut Source,
    created_at: Option<DateTime<Utc>>,
    origin: Origin,
) -> PartRecord {
    PartRecord {
        external_id: opening_id(conversation_id),
        part_type: "source".to_owned(),
        author_kind: kind(source.author.as_ref()),
        author_external_id: source.author.as_ref().and_then(|author| author.id.clone()),
        created_at,
        updated_at: None,
        is_visible_message: source.has_content(),
        state: None,
        is_redacted: source.is_redacted(),
        origin,
        is_reopening: false,
        text: source.text(),
        is_saved: false,
        extra: kept(
            std::mem::take(&mut source.extra),
            source.is_redacted(),
            origin,
            created_at,
        ),
    }
}

fn later_part(mut part: Part, origin: Origin) -> PartRecord {
    let text = part.text();
    PartRecord {
        extra: kept(
            std::mem::take(&mut part.extra),
            part.is_redacted(),
            origin,
            part.updated_at.or(part.created_at),
        ),
        is_visible_message: is_visible_message(&part),
        author_kind: kind(part.author.as_ref()),
        state: part.state(),
        is_redacted: part.is_redacted(),
        author_external_id: part.author.and_then(|author| author.id),
        created_at: part.created_at,
        updated_at: part.updated_at,
        external_id: part.id,
        part_type: part.part_type,
        origin,
        is_reopening: false,
        text,
        is_saved: false,
    }
}

/// Notifications say nothing of it, and what is redacted keeps nothing.
fn kept(
    extra: Extra,
    is_redacted: bool,
    origin: Origin,
    updated_at: Option<DateTime<Utc>>,
) -> Kept {
    match origin {
        _ if is_redacted => Kept::erased(),
        Origin::Fetched => Kept::read(extra, updated_at),
        Origin::Notified => Kept::default(),
    }
}

fn kind(author: Option<&Author>) -> AuthorKind {
    author.map_or(AuthorKind::Unknown, Author::kind)
}

/// A message rides on many types (`comment`, `open`, `close`, `assignment` …); what tells it is content that is neither
/// internal nor book-keeping.
fn is_visible_message(part: &Part) -> bool {
    part.has_content() && !is_internal(&part.part_type) && !is_book_keeping(&part.part_type)
}

fn is_internal(part_type: &str) -> bool {
    matches!(part_type, "note" | "note_and_reopen")
}

fn is_book_keeping(part_type: &str) -> bool {
    const TYPES: &[&str] = &[
        "attribute_collected",
        "attribute_collector",
        "call_summary",
        "channel_and_reply_time_expectation",
        "language_detection_details",
        "merged_primary_conversation",
        "operator_workflow_event",
        "priority_changed",
        "title_changed",
    ];
    const FAMILIES: &[&str] = &["conversation_", "custom_action_", "participant_", "ticket_"];
    TYPES.contains(&part_type) || FAMILIES.iter().any(|family| part_type.starts_with(family))
}

/// Whether the part moved a closed conversation to open: by its type, or by the states that parts carry. `state` is the
/// conversation's before it, and then after it.
fn reopens(part: &PartRecord, state: &mut ConversationStatus) -> bool {
    let before = *state;
    let by_type = part.is_reopening_by_type();
    *state = match part.part_type.as_str() {
        "source" => ConversationStatus::Open,
        _ if by_type => ConversationStatus::Open,
        "close" => ConversationStatus::Closed,
        "snoozed" => ConversationStatus::Snoozed,
        _ => part.state.unwrap_or(before),
    };
    by_type || (before == ConversationStatus::Closed && *state == ConversationStatus::Open)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn parts(source: &Value, parts: &Value) -> Vec<PartRecord> {
        let conversation = json!({
            "id": "77", "created_at": 50, "source": source,
            "conversation_parts": {"conversation_parts": parts, "total_count": 1},
        });
        let mut conversation: Conversation =
            serde_json::from_str(&conversation.to_string()).unwrap();
        let mut seen = BTreeSet::new();
        let mut parts = parts_of(&mut conversation, Origin::Fetched);
        parts.retain(|part| seen.insert(part.external_id.clone()));
        in_order(parts)
    }

    fn part(part: &Value) -> PartRecord {
        parts(&Value::Null, &json!([part])).remove(0)
    }

    #[test]
    fn a_message_is_told_by_content_and_not_by_type() {
        for (part_type, body, visible) in [
            ("comment", "<p>hi</p>", true),
            ("open", "<p>still broken</p>", true),
            ("close", "<p>bye</p>", true),
            ("assignment", "<p>over to you</p>", true),
            ("assign_and_reopen", "<p>again</p>", true),
            ("quick_reply", "<p>pick one</p>", true),
            ("something_new", "<p>hi</p>", true),
            ("comment", "<img src=\"https://x/y.png\">", true),
            ("comment", "", false),
            ("close", "", false),
            ("note", "<p>psst</p>", false),
            ("note_and_reopen", "<p>psst</p>", false),
            (
                "channel_and_reply_time_expectation",
                "<p>back in an hour</p>",
                false,
            ),
            ("attribute_collector", "<p>your address?</p>", false),
            ("conversation_rating_remark_added", "<p>great</p>", false),
            ("conversation_attribute_updated_by_admin", "<p>x</p>", false),
            ("ticket_state_updated_by_admin", "<p>x</p>", false),
        ] {
            let part = part(&json!({"id": "1", "part_type": part_type, "body": body}));
            assert_eq!(part.is_visible_message, visible, "{part_type} {body}");
        }
    }

    #[test]
    fn a_file_alone_is_a_message_and_a_redacted_one_is_none() {
        let file =
            part(&json!({"id": "1", "part_type": "comment", "attachments": [{"name": "a.pdf"}]}));
        assert!(file.is_visible_message && file.text.is_none());
        let redacted = part(&json!({"id": "1", "part_type": "comment", "redacted": true,
            "body": "<p><i>This message was deleted</i></p>"}));
        assert!(!redacted.is_visible_message && redacted.text.is_none());
    }

    #[test]
    fn authors_are_told_apart() {
        for (author, expected) in [
            (json!({"type": "user", "id": "u"}), AuthorKind::Contact),
            (json!({"type": "lead", "id": "u"}), AuthorKind::Contact),
            (json!({"type": "admin", "id": 8}), AuthorKind::Admin),
            (
                json!({"type": "admin", "id": 8, "from_ai_agent": true}),
                AuthorKind::Bot,
            ),
            (
                json!({"type": "bot", "id": "9", "name": "Fin"}),
                AuthorKind::Bot,
            ),
            (json!({"type": "team", "id": "9"}), AuthorKind::Team),
            (
                json!({"type": "nobody_admin", "id": null}),
                AuthorKind::Unknown,
            ),
            (json!(null), AuthorKind::Unknown),
        ] {
            let part = part(
                &json!({"id": "1", "part_type": "comment", "body": "x", "author": author.clone()}),
            );
            assert_eq!(part.author_kind, expected, "{author}");
        }
    }

    fn reopenings(types_and_states: &[(&str, &str)]) -> Vec<bool> {
        let given: Vec<Value> = (100..)
            .zip(types_and_states)
            .map(|(at, (part_type, state))| {
                json!({"id": at, "created_at": at, "part_type": part_type, "state": state})
            })
            .collect();
        parts(&Value::Null, &Value::from(given))
            .into_iter()
            .map(|part| part.is_reopening)
            .collect()
    }

    #[test]
    fn reopenings_are_found_by_type_and_by_state() {
        for (given, expected) in [
            (
                &[("close", "closed"), ("open", "open"), ("comment", "open")][..],
                &[false, true, false][..],
            ),
            (
                &[
                    ("close", "closed"),
                    ("comment", "open"),
                    ("comment", "open"),
                ],
                &[false, true, false],
            ),
            (
                &[("close", "closed"), ("assign_and_reopen", "open")],
                &[false, true],
            ),
            (&[("close", ""), ("note_and_reopen", "")], &[false, true]),
            (
                &[("close", ""), ("comment", ""), ("note", "")],
                &[false, false, false],
            ),
            (
                &[
                    ("close", "closed"),
                    ("note", "closed"),
                    ("assignment", "open"),
                ],
                &[false, false, true],
            ),
            (
                &[("snoozed", "snoozed"), ("unsnoozed", "open")],
                &[false, false],
            ),
            // States as of before the part instead of after it make nothing count twice.
            (
                &[("close", "open"), ("open", "closed"), ("comment", "open")],
                &[false, true, false],
            ),
        ] {
            assert_eq!(reopenings(given), expected, "{given:?}");
        }
    }

    #[test]
    fn the_opening_message_comes_first_and_the_rest_in_order_once() {
        let source =
            json!({"id": "3", "body": "<p>Hello</p>", "author": {"type": "lead", "id": "u"}});
        let found = parts(
            &source,
            &json!([
                {"id": "1000", "created_at": 60, "part_type": "comment"},
                {"id": "999", "created_at": 60, "part_type": "comment"},
                {"id": "5", "created_at": 70, "part_type": "close"},
                {"id": "999", "created_at": 60, "part_type": "comment"},
                {"part_type": "nameless"},
            ]),
        );
        let ids: Vec<_> = found.iter().map(|part| part.external_id.as_str()).collect();
        assert_eq!(ids, ["source:77", "999", "1000", "5"]);
        assert!(found[0].is_visible_message);
        assert_eq!(found[0].text.as_deref(), Some("Hello"));
        assert_eq!(found[0].created_at, DateTime::from_timestamp(50, 0));
    }

    proptest! {
        #[test]
        fn order_and_kinds_do_not_depend_on_the_order_of_the_answer(
            order in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle(),
            kinds in prop::collection::vec(0..5_usize, 8),
        ) {
            let types = ["comment", "close", "open", "snoozed", "note"];
            let all: Vec<Value> = (0..8)
                .map(|n| json!({"id": n + 1, "created_at": n / 2, "part_type": types[kinds[n]], "body": "x"}))
                .collect();
            let shuffled: Vec<Value> = order.iter().map(|n| all[*n].clone()).collect();
            prop_assert_eq!(
                parts(&Value::Null, &Value::from(all)),
                parts(&Value::Null, &Value::from(shuffled))
            );
        }

        #[test]
        fn nothing_internal_is_ever_visible(body in ".{0,20}", internal in "(note|note_and_reopen)") {
            let part = part(&json!({"id": "1", "part_type": internal, "body": body}));
            prop_assert!(!part.is_visible_message);
        }
    }
}
