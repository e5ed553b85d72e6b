//! The product guide's examples, to the last printed decimal.

use harken_domain::{Points, RiskLevel};
use proptest::prelude::*;

use super::{Configuration, Evaluation, Factor, Inputs, evaluate};

const CONTENT: Inputs = Inputs {
    seen_days: Some(1.0),
    conv_days: None,
    open: 0,
    resolution_hours: Some(4.0),
    reopens_30d: 0,
    conversations_30d: 3,
    unanswered_hours: None,
    conversations: 3,
};

const ANGRY: Inputs = Inputs {
    seen_days: Some(30.0),
    conv_days: None,
    open: 4,
    resolution_hours: Some(72.0),
    reopens_30d: 3,
    conversations_30d: 5,
    unanswered_hours: None,
    conversations: 5,
};

fn scored(inputs: &Inputs) -> (u8, RiskLevel) {
    let Evaluation { points, level, .. } = evaluate(inputs, &Configuration::standard());
    (points.map(Points::get).unwrap(), level.unwrap())
}

#[test]
fn the_first_example_is_99_and_healthy() {
    assert_eq!(scored(&CONTENT), (99, RiskLevel::Healthy));
}

#[test]
fn the_second_example_is_14_and_critical() {
    assert_eq!(scored(&ANGRY), (14, RiskLevel::Critical));
}

#[test]
fn the_check_value_is_42_and_at_risk_with_every_decimal() {
    let inputs = Inputs {
        seen_days: Some(4.643),
        conv_days: Some(60.528),
        open: 3,
        resolution_hours: None,
        reopens_30d: 1,
        conversations_30d: 4,
        unanswered_hours: Some(260.15),
        conversations: 4,
    };
    assert_eq!(scored(&inputs), (42, RiskLevel::AtRisk));
    let evaluation = evaluate(&inputs, &Configuration::standard());
    assert_eq!(format!("{:.6}", evaluation.raw.unwrap()), "42.375225");
    assert!((evaluation.coverage - 0.80).abs() < 1e-12);
    for (factor, lost) in [
        (Factor::OpenVolume, "20.312500"),
        (Factor::ReopenRate, "10.000000"),
        (Factor::ResponseRate, "13.821150"),
        (Factor::SupportRecency, "13.491125"),
        (Factor::ResolutionTime, "0.000000"),
    ] {
        assert_eq!(
            format!("{:.6}", evaluation.factors[factor].points_lost),
            lost,
            "{factor}"
        );
    }
    assert_eq!(evaluation.factors[Factor::ResolutionTime].value, None);
}

/// What the guide leaves unsaid: when a conversation last moved, and how long a message waits.
fn completions(example: Inputs) -> impl Iterator<Item = Inputs> {
    let conv_days = [
        None,
        Some(0.0),
        Some(2.0),
        Some(7.0),
        Some(14.0),
        Some(30.0),
        Some(60.0),
    ];
    let unanswered_hours = [0.0, 12.0, 24.0, 48.0, 72.0, 168.0, 336.0, 720.0, 1_000.0];
    let unanswered_hours = unanswered_hours.map(Some).into_iter().chain([None]);
    unanswered_hours.flat_map(move |unanswered_hours| {
        conv_days.map(|conv_days| Inputs {
            conv_days,
            unanswered_hours,
            ..example
        })
    })
}

#[test]
fn the_examples_keep_their_colours_over_all_140_completions() {
    let points = |example| {
        completions(example)
            .map(|inputs| scored(&inputs).0)
            .collect::<Vec<_>>()
    };
    let (content, angry) = (points(CONTENT), points(ANGRY));
    assert_eq!(content.len() + angry.len(), 140);
    assert_eq!(content.iter().min(), Some(&74));
    assert_eq!(angry.iter().max(), Some(&35));
}

proptest! {
    #[test]
    fn no_completion_whatever_changes_their_colours(
        conv_days in prop::option::of(0.0..400.0_f64),
        unanswered_hours in prop::option::of(0.0..4_000.0_f64),
    ) {
        let complete = |example| scored(&Inputs { conv_days, unanswered_hours, ..example }).0;
        prop_assert!(complete(CONTENT) >= 74);
        prop_assert!(complete(ANGRY) <= 35);
    }
}
