use chrono::{DateTime, TimeDelta, Utc};
use harken_domain::Points;

use super::{
    Configuration, Factor, Facts, evaluate,
    facts::{REACH, RECENT},
};

/// A score is looked at again after this long even if it stays, so that its words stay true.
const LONGEST: TimeDelta = TimeDelta::days(1);
/// The grain of time: nothing in Intercom is finer.
const TICK: TimeDelta = TimeDelta::seconds(1);

/// When the score has to be computed again if nothing is heard: to the second when its points change within a day, else
/// after a day. `None` without a conversation: then time changes nothing.
pub(crate) fn next_evaluation(
    facts: &Facts,
    configuration: &Configuration,
    as_of: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    if facts.conversations.is_empty() {
        return None;
    }
    let points = |at| points_at(facts, configuration, at);
    let now = points(as_of);
    let mut same_until = as_of;
    for corner in corners(facts, configuration, as_of) {
        if points(corner) != now {
            return Some(first(same_until, corner, |at| points(at) != now));
        }
        same_until = corner;
    }
    Some(as_of + LONGEST)
}

fn points_at(facts: &Facts, configuration: &Configuration, at: DateTime<Utc>) -> Option<Points> {
    evaluate(&facts.inputs_at(at), configuration).points
}

/// Moments within a day between which the raw score moves along a straight line.
fn corners(
    facts: &Facts,
    configuration: &Configuration,
    as_of: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    let knots = |factor, unit: TimeDelta| {
        let knots = configuration.curve(factor).knots();
        knots
            .iter()
            .map(move |knot| span(knot.x, unit))
            .collect::<Vec<_>>()
    };
    let days = knots(Factor::SupportRecency, TimeDelta::days(1));
    let hours = knots(Factor::ResponseRate, TimeDelta::hours(1));
    let seen = facts.last_seen_at.into_iter().chain(facts.newest_change());
    let on_curves = seen
        .flat_map(|since| days.iter().map(move |knot| since + *knot))
        .chain(
            facts
                .unanswered_since()
                .into_iter()
                .flat_map(|since| hours.iter().map(move |knot| since + *knot)),
        );
    let leaving = facts.conversations.iter().flat_map(|conversation| {
        let recent = conversation
            .reopened_at
            .iter()
            .copied()
            .chain([conversation.updated_at])
            .chain(conversation.last_visible_message_at)
            .map(|moment| moment + RECENT);
        let far = [
            conversation.last_closed_at,
            conversation.last_admin_message_at,
        ];
        recent.chain(far.into_iter().flatten().map(|moment| moment + REACH))
    });
    let reached = facts.conversations.iter().filter_map(|conversation| {
        conversation
            .parts
            .oldest()
            .map(|oldest| oldest + RECENT - TICK)
    });
    // A window is left between its last moment and the tick after.
    let jumps = leaving.chain(reached).flat_map(|last| [last, last + TICK]);
    let end = as_of + LONGEST;
    let mut corners: Vec<_> = on_curves
        .chain(jumps)
        .filter(|at| as_of < *at && *at < end)
        .chain([end])
        .collect();
    corners.sort_unstable();
    corners.dedup();
    corners
}

/// `x` units of time; beyond the calendar, the longest that a corner could matter.
fn span(x: f64, unit: TimeDelta) -> TimeDelta {
    const CENTURY: f64 = 36_525.0 * 86_400.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "bounded"
    )]
    let secs = (x * unit.num_seconds() as f64).min(CENTURY).ceil() as i64;
    TimeDelta::seconds(secs)
}

/// The first tick after `from`, up to `to`, at which `holds`, which holds at `to` and from its first moment on.
fn first(
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    holds: impl Fn(DateTime<Utc>) -> bool,
) -> DateTime<Utc> {
    let (mut before, mut from_here) = (from, to);
    while from_here - before > TICK {
        let middle = before + TimeDelta::seconds((from_here - before).num_seconds() / 2);
        if middle > before && holds(middle) {
            from_here = middle;
        } else if middle > before {
            before = middle;
        } else {
            break;
        }
    }
    from_here
}

#[cfg(test)]
mod tests {
    use harken_domain::ConversationStatus;
    use proptest::prelude::*;

    use super::super::signal::{
        PartsHeld, Signal,
        tests::{conversation, day},
    };
    use super::*;

    fn hours_before(now: DateTime<Utc>, hours: f64) -> DateTime<Utc> {
        now - span(hours, TimeDelta::hours(1))
    }

    fn any_signal(now: DateTime<Utc>) -> impl Strategy<Value = Signal> {
        let moment = (0.0..2_400.0_f64).prop_map(move |hours| hours_before(now, hours));
        let maybe = prop::option::of(moment.clone());
        let parts = prop_oneof![
            Just(PartsHeld::All),
            Just(PartsHeld::None),
            moment.clone().prop_map(PartsHeld::Since),
        ];
        (
            prop::sample::select(ConversationStatus::ALL),
            moment.clone(),
            maybe.clone(),
            0_i64..900_000,
            prop::collection::vec(moment, 0..4),
            parts,
            (maybe.clone(), maybe, any::<bool>(), 0_u32..4),
        )
            .prop_map(
                |(status, updated_at, closed, secs, reopened_at, parts, rest)| Signal {
                    status,
                    updated_at,
                    last_closed_at: closed,
                    resolution_secs: Some(secs),
                    parts,
                    reopened_at,
                    reopen_count: rest.3,
                    last_visible_message_at: rest.0,
                    last_admin_message_at: rest.1,
                    unanswered_since: rest.1,
                    unanswered_by_parts: rest.2,
                },
            )
    }

    fn any_facts(now: DateTime<Utc>) -> impl Strategy<Value = Facts> {
        let moment =
            prop::option::of((0.0..2_400.0_f64).prop_map(move |hours| hours_before(now, hours)));
        (
            moment.clone(),
            moment,
            prop::collection::vec(any_signal(now), 1..6),
        )
            .prop_map(|(last_seen_at, last_replied_at, conversations)| Facts {
                last_seen_at,
                last_replied_at,
                conversations,
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn until_the_next_evaluation_the_points_stay(facts in any_facts(day(0))) {
            let standard = Configuration::standard();
            let now = points_at(&facts, &standard, day(0));
            let next = next_evaluation(&facts, &standard, day(0)).unwrap();
            let mut at = day(0);
            while at < next {
                prop_assert_eq!(points_at(&facts, &standard, at), now, "at {}", at);
                at += TimeDelta::seconds(61);
            }
            prop_assert_eq!(points_at(&facts, &standard, next - TICK), now);
            let changed = points_at(&facts, &standard, next) != now;
            prop_assert!(changed || next == day(1));
        }
    }

    #[test]
    fn a_customer_without_conversations_need_not_be_looked_at() {
        let facts = Facts {
            last_seen_at: Some(day(0)),
            ..Facts::default()
        };
        assert_eq!(
            next_evaluation(&facts, &Configuration::standard(), day(1)),
            None
        );
    }

    #[test]
    fn a_reopening_is_forgiven_right_after_30_days() {
        let facts = Facts {
            conversations: vec![Signal {
                updated_at: day(-90),
                reopened_at: vec![day(-30) + TimeDelta::hours(5)],
                ..Signal::of(&conversation(ConversationStatus::Open))
            }],
            ..Facts::default()
        };
        let next = next_evaluation(&facts, &Configuration::standard(), day(0));
        assert_eq!(next, Some(day(0) + TimeDelta::hours(5) + TICK));
    }
}
