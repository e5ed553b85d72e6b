use chrono::{DateTime, Utc};
use harken_domain::ConnectionId;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ConversationSight, Origin};
use crate::rules::{ConversationRecord, Kept};

fn at(secs: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(secs, 0).unwrap()
}

fn part() -> impl Strategy<Value = Value> {
    let types = prop::sample::select(vec!["comment", "close", "open", "note", "snoozed"]);
    let states = prop::sample::select(vec!["open", "closed", "snoozed", ""]);
    (1..5_u8, types, states, 0..3_i64, 0..3_u8, any::<bool>()).prop_map(
        |(id, part_type, state, later, text, redacted)| {
            json!({"id": id, "part_type": part_type, "state": state, "created_at": 10 + i64::from(id),
                "updated_at": 10 + i64::from(id) + later, "redacted": redacted, "body": format!("text {text}"), "new_field": text % 2})
        },
    )
}

/// What was seen of one conversation: by a notification or by a reading, in moments that often meet.
fn sight() -> impl Strategy<Value = ConversationSight> {
    let states = prop::sample::select(vec!["open", "closed", "snoozed"]);
    let heads = (states, 0..3_i64, 0..3_u8, any::<bool>(), 0..2_u8);
    let seen = (0..2_i16, 0..2_i64);
    (heads, seen, prop::collection::vec(part(), 0..4)).prop_map(
        |((state, updated_at, counted, redacted, title), (origin, told_at), parts)| {
            let conversation = json!({
                "id": "7", "state": state, "created_at": 5, "updated_at": 20 + updated_at,
                "title": if title == 0 { "" } else { "A title" },
                "source": {"id": "1", "body": "The first words", "redacted": redacted},
                "new_field": counted % 2,
                "contacts": {"contacts": [{"id": "c"}]},
                "statistics": {"count_conversation_parts": counted},
                "conversation_parts": {"conversation_parts": parts, "total_count": parts.len() + usize::from(counted)},
            });
            let conversation = serde_json::from_str(&conversation.to_string()).unwrap();
            ConversationSight::new(conversation, (Origin::numbered(origin), at(told_at)))
        },
    )
}

fn joined(a: &ConversationSight, b: &ConversationSight) -> ConversationSight {
    let mut joined = a.clone();
    joined.join(b.clone());
    joined
}

/// All that can be seen of a state from outside.
fn shown(state: &ConversationSight) -> (ConversationSight, ConversationRecord) {
    let record = state.clone().saved().into_record(
        ConnectionId::derive(&[b"test"]),
        vec!["c".to_owned()],
        vec![],
    );
    (state.clone().saved(), record)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn joining_is_commutative(a in sight(), b in sight()) {
        prop_assert_eq!(shown(&joined(&a, &b)), shown(&joined(&b, &a)));
    }

    #[test]
    fn joining_is_associative(a in sight(), b in sight(), c in sight()) {
        let left = joined(&joined(&a, &b), &c);
        let right = joined(&a, &joined(&b, &c));
        prop_assert_eq!(shown(&left), shown(&right));
    }

    #[test]
    fn joining_is_idempotent(a in sight(), b in sight()) {
        let once = joined(&a, &b);
        let mut twice = once.clone();
        let again = twice.join(b);
        prop_assert!(!again.is_news() && !again.head);
        prop_assert_eq!(shown(&once), shown(&twice));
        let mut thrice = once.clone();
        prop_assert!(!thrice.join(once).is_news());
    }

    /// What a reader could see is told; how it came to be known is not for readers.
    #[test]
    fn news_is_told_when_there_is_some(a in sight(), b in sight()) {
        let visible = |state: &ConversationSight| {
            let mut record = shown(state).1;
            record.extra = Kept::default();
            for part in &mut record.parts {
                part.extra = Kept::default();
                part.origin = Origin::Fetched;
                part.updated_at = None;
            }
            record
        };
        let mut after = a.clone();
        let told = after.join(b).is_news();
        prop_assert!(told || visible(&a) == visible(&after));
    }

    #[test]
    fn what_is_redacted_stays_so_and_leaves_no_word(sights in prop::collection::vec(sight(), 1..6)) {
        let mut state = sights[0].clone();
        for sight in &sights[1..] {
            state.join(sight.clone());
        }
        let redacted = |id: &str| {
            sights.iter().any(|sight| sight.parts().any(|part| part.external_id == id && part.is_redacted))
        };
        let (_, record) = shown(&state);
        for part in &record.parts {
            prop_assert_eq!(part.is_redacted, redacted(&part.external_id));
            prop_assert!(!part.is_redacted || part.text.is_none());
            prop_assert!(!part.is_redacted || part.extra == Kept::erased());
        }
        if redacted("source:7") {
            prop_assert_ne!(record.title.as_deref(), Some("The first words"));
            prop_assert_eq!(record.extra, Kept::erased());
        }
    }
}
