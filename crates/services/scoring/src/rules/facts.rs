use chrono::{DateTime, TimeDelta, Utc};
use harken_domain::ConversationStatus;

use super::{Inputs, Signal};

const SECS_PER_HOUR: f64 = 3_600.0;
const SECS_PER_DAY: f64 = 86_400.0;

/// How far back reopenings and messages count.
pub(super) const RECENT: TimeDelta = TimeDelta::days(30);
/// How far back closes and an admin's messages count.
pub(super) const REACH: TimeDelta = TimeDelta::days(90);

/// All that is known of a customer; with a moment it makes the inputs of a score.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    pub(crate) last_seen_at: Option<DateTime<Utc>>,
    pub(crate) last_replied_at: Option<DateTime<Utc>>,
    pub(crate) conversations: Vec<Signal>,
}

impl Facts {
    /// The inputs as of a moment. What lies after it counts as just happened.
    pub(crate) fn inputs_at(&self, as_of: DateTime<Utc>) -> Inputs {
        let since = |moment: DateTime<Utc>| secs_between(moment, as_of);
        let conversations = || self.conversations.iter();
        Inputs {
            seen_days: self.last_seen_at.map(|seen| since(seen) / SECS_PER_DAY),
            conv_days: self
                .newest_change()
                .map(|change| since(change) / SECS_PER_DAY),
            open: count(conversations().filter(|it| it.status == ConversationStatus::Open)),
            resolution_hours: self
                .mean_resolution_secs(as_of)
                .map(|secs| secs / SECS_PER_HOUR),
            reopens_30d: conversations()
                .map(|conversation| recent_reopens(conversation, as_of))
                .fold(0, u32::saturating_add),
            conversations_30d: count(conversations().filter(|it| {
                it.last_visible_message_at
                    .is_some_and(|at| is_within(at, RECENT, as_of))
            })),
            unanswered_hours: self.unanswered_secs(as_of).map(|secs| secs / SECS_PER_HOUR),
            conversations: count(conversations()),
        }
    }

    pub(super) fn newest_change(&self) -> Option<DateTime<Utc>> {
        self.conversations
            .iter()
            .map(|conversation| conversation.updated_at)
            .max()
    }

    fn mean_resolution_secs(&self, as_of: DateTime<Utc>) -> Option<f64> {
        let (sum, closed) = self
            .conversations
            .iter()
            .filter(|it| it.status == ConversationStatus::Closed)
            .filter(|it| {
                it.last_closed_at
                    .is_some_and(|at| is_within(at, REACH, as_of))
            })
            .filter_map(|it| it.resolution_secs)
            .fold((0_i64, 0_u32), |(sum, closed), secs| {
                (sum.saturating_add(secs), closed.saturating_add(1))
            });
        (closed > 0).then(|| as_float(sum) / f64::from(closed))
    }

    fn unanswered_secs(&self, as_of: DateTime<Utc>) -> Option<f64> {
        self.is_anything_to_answer(as_of).then(|| {
            self.unanswered_since()
                .map_or(0.0, |oldest| secs_between(oldest, as_of))
        })
    }

    fn is_anything_to_answer(&self, as_of: DateTime<Utc>) -> bool {
        self.not_closed()
            .filter_map(|it| it.last_admin_message_at)
            .any(|at| is_within(at, REACH, as_of))
    }

    /// The oldest message of an admin that the customer has not answered.
    pub(super) fn unanswered_since(&self) -> Option<DateTime<Utc>> {
        self.not_closed()
            .filter_map(|it| {
                let since = it.unanswered_since?;
                let answered_elsewhere = !it.unanswered_by_parts
                    && self.last_replied_at.is_some_and(|reply| reply > since);
                (!answered_elsewhere).then_some(since)
            })
            .min()
    }

    pub(super) fn not_closed(&self) -> impl Iterator<Item = &Signal> {
        self.conversations
            .iter()
            .filter(|it| it.status != ConversationStatus::Closed)
    }
}

/// Reopenings within 30 days: by parts, or Intercom's count where the parts do not reach back that far.
fn recent_reopens(conversation: &Signal, as_of: DateTime<Utc>) -> u32 {
    let seen = count(
        conversation
            .reopened_at
            .iter()
            .filter(|at| is_within(**at, RECENT, as_of)),
    );
    let is_known = conversation.parts.reach_back_to(as_of - RECENT);
    if !is_known && is_within(conversation.updated_at, RECENT, as_of) {
        seen.max(conversation.reopen_count)
    } else {
        seen
    }
}

fn is_within(moment: DateTime<Utc>, span: TimeDelta, as_of: DateTime<Utc>) -> bool {
    as_of - moment <= span
}

fn secs_between(moment: DateTime<Utc>, as_of: DateTime<Utc>) -> f64 {
    as_float((as_of - moment).num_milliseconds().max(0)) / 1_000.0
}

#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to 285,000 years in milliseconds"
)]
fn as_float(whole: i64) -> f64 {
    whole as f64
}

fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use harken_domain::AuthorKind;

    use super::super::signal::{
        Conversation, Moment, PartsHeld,
        tests::{conversation, day, said},
    };
    use super::*;

    /// The moment of every question below.
    const NOW: i64 = 100;

    fn inputs(conversations: Vec<Signal>) -> Inputs {
        Facts {
            conversations,
            ..Facts::default()
        }
        .inputs_at(day(NOW))
    }

    fn signal(status: ConversationStatus) -> Signal {
        Signal::of(&conversation(status))
    }

    fn close(measure: Option<f64>, expected: f64) -> bool {
        measure.is_some_and(|value| (value - expected).abs() < 1e-9)
    }

    #[test]
    fn ages_are_counted_in_days_and_what_is_to_come_counts_as_now() {
        let mut facts = Facts {
            last_seen_at: Some(day(98)),
            conversations: vec![
                Signal {
                    updated_at: day(90),
                    ..signal(ConversationStatus::Closed)
                },
                Signal {
                    updated_at: day(40),
                    ..signal(ConversationStatus::Open)
                },
            ],
            ..Facts::default()
        };
        let inputs = facts.inputs_at(day(NOW));
        assert!(close(inputs.seen_days, 2.0));
        assert!(close(inputs.conv_days, 10.0));
        facts.last_seen_at = Some(day(101));
        assert!(close(facts.inputs_at(day(NOW)).seen_days, 0.0));
        facts.last_seen_at = None;
        assert_eq!(facts.inputs_at(day(NOW)).seen_days, None);
    }

    #[test]
    fn snoozed_conversations_are_not_open() {
        use ConversationStatus::{Closed, Open, Snoozed};
        let inputs = inputs([Open, Snoozed, Closed, Open].map(signal).to_vec());
        assert_eq!((inputs.open, inputs.conversations), (2, 4));
    }

    #[test]
    fn resolution_is_the_mean_over_conversations_now_closed_and_closed_within_90_days() {
        use ConversationStatus::{Closed, Open};
        let closed = |status, at, hours: i64| Signal {
            last_closed_at: Some(day(at)),
            resolution_secs: Some(hours * 3_600),
            ..signal(status)
        };
        let inputs_of = |signals: Vec<Signal>| inputs(signals).resolution_hours;
        assert!(close(
            inputs_of(vec![closed(Closed, 99, 2), closed(Closed, 10, 4)]),
            3.0
        ));
        assert!(close(
            inputs_of(vec![closed(Closed, 99, 2), closed(Closed, 9, 4)]),
            2.0
        ));
        assert!(close(
            inputs_of(vec![closed(Closed, 99, 2), closed(Open, 99, 4)]),
            2.0
        ));
        assert_eq!(inputs_of(vec![closed(Open, 99, 4)]), None);
        let unmeasured = Signal {
            resolution_secs: None,
            ..closed(Closed, 99, 0)
        };
        assert_eq!(inputs_of(vec![unmeasured]), None);
    }

    #[test]
    fn reopenings_count_for_30_days() {
        let reopened = Signal {
            reopened_at: vec![day(60), day(70), day(99)],
            reopen_count: 9,
            ..signal(ConversationStatus::Open)
        };
        assert_eq!(inputs(vec![reopened.clone(), reopened]).reopens_30d, 4);
    }

    #[test]
    fn where_parts_do_not_reach_back_intercoms_count_of_fresh_conversations_counts() {
        let counted = |parts, updated_at| {
            inputs(vec![Signal {
                parts,
                updated_at: day(updated_at),
                reopen_count: 3,
                reopened_at: vec![day(95)],
                ..signal(ConversationStatus::Open)
            }])
            .reopens_30d
        };
        assert_eq!(counted(PartsHeld::None, 80), 3);
        assert_eq!(counted(PartsHeld::None, 60), 1);
        assert_eq!(counted(PartsHeld::Since(day(90)), 80), 3);
        assert_eq!(counted(PartsHeld::Since(day(70)), 80), 1);
        assert_eq!(counted(PartsHeld::All, 80), 1);
    }

    #[test]
    fn conversations_with_a_visible_message_count_for_30_days() {
        let spoken = |at| Signal {
            last_visible_message_at: Some(day(at)),
            ..signal(ConversationStatus::Closed)
        };
        assert_eq!(
            inputs(vec![spoken(69), spoken(70), spoken(100)]).conversations_30d,
            2
        );
    }

    fn talk(status: ConversationStatus, moments: &[Moment]) -> Signal {
        Signal::of(&Conversation {
            moments: moments.to_vec(),
            ..conversation(status)
        })
    }

    #[test]
    fn the_oldest_message_without_an_answer_counts() {
        use AuthorKind::{Admin, Contact};
        use ConversationStatus::{Closed, Open, Snoozed};
        let waits = |status, at| talk(status, &[said(Contact, day(1)), said(Admin, day(at))]);
        let answered = talk(Open, &[said(Admin, day(50)), said(Contact, day(51))]);
        let silent = talk(Open, &[said(Contact, day(99))]);
        for (conversations, hours) in [
            (vec![waits(Open, 99)], Some(24.0)),
            (vec![waits(Open, 99), waits(Snoozed, 97)], Some(72.0)),
            (vec![waits(Open, 99), waits(Closed, 90)], Some(24.0)),
            (vec![answered.clone(), waits(Open, 98)], Some(48.0)),
            (vec![answered.clone()], Some(0.0)),
            (vec![silent], None),
            (vec![waits(Closed, 99)], None),
            (vec![waits(Open, 10)], Some(2_160.0)),
            (vec![waits(Open, 9)], None),
            (vec![waits(Open, 9), answered], Some(2_184.0)),
            (vec![], None),
        ] {
            let unanswered = inputs(conversations.clone()).unanswered_hours;
            assert_eq!(unanswered, hours, "{conversations:?}");
        }
    }

    #[test]
    fn without_parts_a_later_reply_of_the_customer_is_the_answer() {
        let without_parts = Signal::of(&Conversation {
            parts_complete: false,
            last_admin_reply_at: Some(day(98)),
            ..conversation(ConversationStatus::Open)
        });
        let unanswered = |last_replied_at: Option<i64>, signal: &Signal| {
            Facts {
                last_replied_at: last_replied_at.map(day),
                conversations: vec![signal.clone()],
                ..Facts::default()
            }
            .inputs_at(day(NOW))
            .unanswered_hours
        };
        assert_eq!(unanswered(None, &without_parts), Some(48.0));
        assert_eq!(unanswered(Some(97), &without_parts), Some(48.0));
        assert_eq!(unanswered(Some(99), &without_parts), Some(0.0));
        let by_parts = talk(
            ConversationStatus::Open,
            &[said(AuthorKind::Admin, day(98))],
        );
        assert_eq!(unanswered(Some(99), &by_parts), Some(48.0));
    }
}
