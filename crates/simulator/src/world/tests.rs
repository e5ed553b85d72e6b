//! Orders stay right however much has moved.

use chrono_tz::Tz;
use proptest::prelude::*;

use super::{Change as Made, Span, Workspace};
use crate::story::{Deed, Event, Premise, Voice, Words};

const EPOCH: i64 = 1_795_132_800;

#[derive(Debug, Clone)]
enum Change {
    Write { pick: u64, at: i64 },
    Delete { pick: u64 },
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (any::<u64>(), 0..50_i64).prop_map(|(pick, at)| Change::Write { pick, at }),
        1 => any::<u64>().prop_map(|pick| Change::Delete { pick }),
    ]
}

fn workspace(conversations: u64, changes: &[Change]) -> Workspace {
    let premise = Premise {
        seed: 3,
        epoch: EPOCH,
        contacts: 60,
        conversations,
    };
    let workspace = Workspace::new(("w", "w", "W"), Tz::UTC, "US".to_owned(), premise);
    for change in changes {
        match *change {
            Change::Write { pick, at } => {
                let deed = Deed::Note(Words::Note(1));
                let event = Event {
                    at: EPOCH + at,
                    by: Voice::Bot,
                    deed,
                };
                // Those already deleted have nothing more to happen to.
                let conversation = pick % conversations;
                let made = Made::Happened {
                    conversation,
                    event,
                };
                let _ = workspace.change(made, |_, _| {});
            }
            Change::Delete { pick } => {
                let conversation = pick % conversations;
                let made = Made::ConversationDeleted {
                    conversation,
                    at: EPOCH,
                };
                let _ = workspace.change(made, |_, _| {});
            }
        }
    }
    workspace
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_walk_meets_everything_once_in_order(
        conversations in 1_u64..260,
        changes in prop::collection::vec(change(), 0..30),
        (from, width) in (-130 * 86_400_i64..100, 0..40 * 86_400_i64),
    ) {
        let workspace = workspace(conversations, &changes);
        let view = workspace.look();
        let order = view.conversations_by_update();
        let span = Span { from: EPOCH + from, to: EPOCH + from + width };
        for span in [span, Span::ALL] {
            let walked: Vec<_> = order.walk(span, None, true).collect();
            prop_assert!(walked.is_sorted_by(|a, b| a.0 < b.0));
            let mut expected: Vec<u64> = (0..conversations)
                .filter_map(|number| view.conversation(number))
                .filter(|conversation| span.holds(conversation.updated_at))
                .map(|conversation| conversation.number)
                .collect();
            let mut met: Vec<u64> = walked.iter().map(|(_, number)| *number).collect();
            met.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(&met, &expected);
            prop_assert_eq!(order.count(span), expected.len() as u64);

            let mut back: Vec<_> = order.walk(span, None, false).collect();
            back.reverse();
            prop_assert_eq!(&back, &walked);
            for (index, (place, number)) in walked.iter().enumerate().step_by(7) {
                prop_assert_eq!(place.0, view.conversation_updated_at(*number));
                let after: Vec<_> = order.walk(span, Some(*place), true).collect();
                prop_assert_eq!(&after[..], &walked[index + 1..]);
                let before = order.walk(span, Some(*place), false).count();
                prop_assert_eq!(before, index);
            }
        }
    }
}
