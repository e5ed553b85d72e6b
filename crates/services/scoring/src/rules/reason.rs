//! Why a score moved: the one change that moved it most, in words without names or content.

use super::{
    Configuration, Evaluation, Factor, Inputs, Occasion,
    measure::{counted, for_days, lasting},
    score::raw_with,
};

/// What moved the score: what happened, where that explains it, else what changed in the inputs.
pub(crate) fn reason(
    before: Option<&Evaluation>,
    after: &Evaluation,
    configuration: &Configuration,
    occasion: Option<Occasion>,
) -> String {
    let Some(before) = before.filter(|before| before.points.is_some()) else {
        return "there is a first conversation to judge".to_owned();
    };
    if after.points.is_none() {
        return "no conversation is left to judge".to_owned();
    }
    if before.configuration_version != after.configuration_version {
        return "the scoring configuration changed".to_owned();
    }
    let fell = after.raw < before.raw;
    let push = |factor: &Factor| {
        let moved = raw_with(before, *factor, after.factors[*factor].value)? - before.raw?;
        Some(if fell { -moved } else { moved })
    };
    let strongest = Factor::ALL
        .into_iter()
        .filter_map(|factor| Some((factor, push(&factor)?)))
        .max_by(|(_, one), (_, other)| one.total_cmp(other));
    let Some((factor, _)) = strongest.filter(|(_, push)| *push > 0.0) else {
        return "what is known of the customer changed".to_owned();
    };
    occasion
        .and_then(|occasion| occasion.explains(factor, fell))
        .unwrap_or_else(|| told(factor, fell, &before.inputs, &after.inputs, configuration))
}

fn told(
    factor: Factor,
    fell: bool,
    before: &Inputs,
    after: &Inputs,
    configuration: &Configuration,
) -> String {
    match factor {
        Factor::SupportRecency => recency(fell, before, after, configuration),
        Factor::OpenVolume => open_volume(before, after),
        Factor::ResolutionTime => resolution(fell, after),
        Factor::ReopenRate => reopens(fell, before, after),
        Factor::ResponseRate => response(after),
    }
}

fn recency(fell: bool, before: &Inputs, after: &Inputs, configuration: &Configuration) -> String {
    let curve = configuration.curve(Factor::SupportRecency);
    let worth = |days: Option<f64>| days.map_or(100.0, |days| curve.at(days));
    let seen = worth(after.seen_days) - worth(before.seen_days);
    let moved = worth(after.conv_days) - worth(before.conv_days);
    match (fell, after.seen_days, after.conv_days) {
        // Where both fell alike, that the customer stays away says more.
        (true, Some(days), _) if seen <= moved + 1.0 => format!("not seen for {}", for_days(days)),
        (true, _, Some(days)) => format!("no conversation activity for {}", for_days(days)),
        (false, Some(_), _) if seen >= moved => "seen again".to_owned(),
        (false, _, Some(_)) => "there was activity in a conversation".to_owned(),
        _ => "last seen is known differently".to_owned(),
    }
}

fn open_volume(before: &Inputs, after: &Inputs) -> String {
    if after.open > before.open {
        let opened = after.open - before.open;
        let again = if after.reopens_30d > before.reopens_30d {
            " again"
        } else {
            ""
        };
        opened_in_words(opened, again)
    } else {
        match before.open - after.open {
            1 => "a conversation is no longer open".to_owned(),
            fewer => format!("{fewer} conversations are no longer open"),
        }
    }
}

fn opened_in_words(conversations: u32, again: &str) -> String {
    match conversations {
        1 => format!("a conversation was opened{again}"),
        more => format!("{more} conversations were opened{again}"),
    }
}

fn resolution(fell: bool, after: &Inputs) -> String {
    match after.resolution_hours.map(lasting) {
        Some(mean) if fell => format!("conversations took longer to close: {mean} on average"),
        Some(mean) => format!("conversations were closed faster: {mean} on average"),
        None => "the last closed conversation is more than 90 days ago".to_owned(),
    }
}

fn reopens(fell: bool, before: &Inputs, after: &Inputs) -> String {
    match (fell, after.reopens_30d.abs_diff(before.reopens_30d)) {
        (true, 1) => "a conversation was opened again".to_owned(),
        (true, 2..) => {
            let more = after.reopens_30d.abs_diff(before.reopens_30d);
            format!(
                "conversations were opened again {}",
                counted(more, "time", "times")
            )
        }
        (true, 0) => "fewer recent conversations make reopenings weigh more".to_owned(),
        (false, 0) => "more recent conversations make reopenings weigh less".to_owned(),
        (false, 1..) => "earlier reopenings are more than 30 days ago".to_owned(),
    }
}

fn response(after: &Inputs) -> String {
    match after.unanswered_hours {
        Some(hours) if hours > 0.0 => {
            format!("a message has waited {} for an answer", lasting(hours))
        }
        Some(_) => "the customer answered".to_owned(),
        None => "no message waits for an answer any more".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::{Cause, evaluate, properties::any_inputs};

    const BASE: Inputs = Inputs {
        seen_days: Some(5.0),
        conv_days: Some(5.0),
        open: 1,
        resolution_hours: Some(24.0),
        reopens_30d: 1,
        conversations_30d: 4,
        unanswered_hours: Some(100.0),
        conversations: 6,
    };

    fn told(before: Inputs, after: Inputs) -> String {
        let standard = Configuration::standard();
        let before = evaluate(&before, &standard);
        reason(Some(&before), &evaluate(&after, &standard), &standard, None)
    }

    fn assert_told(cases: &[(Inputs, &str)]) {
        for (after, expected) in cases {
            assert_eq!(told(BASE, *after), *expected);
        }
    }

    #[test]
    fn being_seen_and_activity_are_told_apart() {
        assert_told(&[
            (
                Inputs {
                    seen_days: Some(14.2),
                    ..BASE
                },
                "not seen for 14 days",
            ),
            (
                Inputs {
                    conv_days: Some(14.2),
                    ..BASE
                },
                "no conversation activity for 14 days",
            ),
            (
                Inputs {
                    seen_days: Some(0.5),
                    ..BASE
                },
                "seen again",
            ),
            (
                Inputs {
                    conv_days: Some(0.5),
                    ..BASE
                },
                "there was activity in a conversation",
            ),
        ]);
    }

    #[test]
    fn opening_and_opening_again_are_told_apart() {
        let more = Inputs {
            conversations_30d: 40,
            conversations: 40,
            ..BASE
        };
        assert_told(&[
            (Inputs { open: 2, ..BASE }, "a conversation was opened"),
            (Inputs { open: 3, ..BASE }, "2 conversations were opened"),
            (
                Inputs { open: 0, ..BASE },
                "a conversation is no longer open",
            ),
            (
                Inputs {
                    open: 2,
                    reopens_30d: 2,
                    ..BASE
                },
                "a conversation was opened again",
            ),
            (
                Inputs {
                    reopens_30d: 2,
                    ..BASE
                },
                "a conversation was opened again",
            ),
            (
                Inputs {
                    reopens_30d: 3,
                    ..BASE
                },
                "conversations were opened again 2 times",
            ),
            (
                Inputs {
                    reopens_30d: 0,
                    ..BASE
                },
                "earlier reopenings are more than 30 days ago",
            ),
            (more, "more recent conversations make reopenings weigh less"),
        ]);
    }

    #[test]
    fn closing_times_and_answers_are_told_with_their_length() {
        let slower = "conversations took longer to close: 48 hours on average";
        let faster = "conversations were closed faster: 4 hours on average";
        let none = "the last closed conversation is more than 90 days ago";
        let waiting = "a message has waited 7 days for an answer";
        let over = "no message waits for an answer any more";
        assert_told(&[
            (
                Inputs {
                    resolution_hours: Some(48.0),
                    ..BASE
                },
                slower,
            ),
            (
                Inputs {
                    resolution_hours: Some(4.0),
                    ..BASE
                },
                faster,
            ),
            (
                Inputs {
                    resolution_hours: None,
                    ..BASE
                },
                none,
            ),
            (
                Inputs {
                    unanswered_hours: Some(168.0),
                    ..BASE
                },
                waiting,
            ),
            (
                Inputs {
                    unanswered_hours: Some(0.0),
                    ..BASE
                },
                "the customer answered",
            ),
            (
                Inputs {
                    unanswered_hours: None,
                    ..BASE
                },
                over,
            ),
        ]);
    }

    #[test]
    fn what_happened_is_told_where_it_explains_the_move() {
        let standard = Configuration::standard();
        let before = evaluate(&BASE, &standard);
        let reopened = Some(Occasion::of(Cause::ConversationReopened));
        let told = |inputs| {
            reason(
                Some(&before),
                &evaluate(&inputs, &standard),
                &standard,
                reopened,
            )
        };
        assert_eq!(
            told(Inputs { open: 2, ..BASE }),
            "a conversation was reopened"
        );
        let away = Inputs {
            seen_days: Some(14.2),
            ..BASE
        };
        assert_eq!(told(away), "not seen for 14 days");
    }

    #[test]
    fn an_answer_that_dilutes_other_factors_is_still_the_reason() {
        let unjudged = Inputs {
            unanswered_hours: None,
            ..BASE
        };
        let answered = Inputs {
            unanswered_hours: Some(0.0),
            ..BASE
        };
        assert_eq!(told(unjudged, answered), "the customer answered");
    }

    #[test]
    fn first_and_last_scores_and_new_configurations_have_their_own_reasons() {
        let standard = Configuration::standard();
        let scored = evaluate(&BASE, &standard);
        let none = evaluate(&Inputs::default(), &standard);
        let other = Evaluation {
            configuration_version: 1,
            ..scored
        };
        for (before, after, expected) in [
            (None, &scored, "there is a first conversation to judge"),
            (
                Some(&none),
                &scored,
                "there is a first conversation to judge",
            ),
            (Some(&scored), &none, "no conversation is left to judge"),
            (Some(&scored), &other, "the scoring configuration changed"),
        ] {
            assert_eq!(reason(before, after, &standard, None), expected);
        }
    }

    proptest! {
        #[test]
        fn every_move_has_a_reason(before in any_inputs(), after in any_inputs()) {
            let standard = Configuration::standard();
            let [before, after] = [before, after].map(|inputs| evaluate(&inputs, &standard));
            let reason = reason(Some(&before), &after, &standard, None);
            prop_assert!(!reason.is_empty());
            if before.raw != after.raw {
                prop_assert_ne!(reason, "what is known of the customer changed");
            }
        }
    }
}
