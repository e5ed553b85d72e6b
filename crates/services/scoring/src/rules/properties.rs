//! What holds for every customer and every sound configuration.

use proptest::prelude::*;

use super::{
    Configuration, ConfigurationDraft, Evaluation, Factor, Inputs, Knot, PerFactor, evaluate,
    score::{judge, weigh},
};

pub(crate) fn any_inputs() -> impl Strategy<Value = Inputs> {
    let measure = |most: f64| prop::option::weighted(0.8, 0.0..most);
    (
        measure(90.0),
        measure(90.0),
        0_u32..9,
        measure(250.0),
        0_u32..9,
        0_u32..60,
        measure(900.0),
        1_u32..9,
    )
        .prop_map(
            |(seen, conv, open, resolution, reopens, recent, unanswered, more)| Inputs {
                seen_days: seen,
                conv_days: conv,
                open,
                resolution_hours: resolution,
                reopens_30d: reopens,
                conversations_30d: recent,
                unanswered_hours: unanswered,
                conversations: open + recent + more,
            },
        )
}

/// Sound configurations far from the standard one, with every weight above zero.
pub(crate) fn any_configuration() -> impl Strategy<Value = Configuration> {
    let curve = (
        0.1..50.0_f64,
        0.1..400.0_f64,
        0.0..=100.0_f64,
        0.0..=100.0_f64,
    );
    let curves = prop::collection::vec(prop::option::of(curve), 5);
    let shares = prop::array::uniform5(1.0..10.0_f64);
    (shares, 1_u32..99, 1_u32..99, curves).prop_map(|(shares, a, b, curves)| {
        let sum: f64 = shares.iter().sum();
        let own = Factor::ALL
            .into_iter()
            .zip(curves)
            .filter_map(|(factor, curve)| {
                let (x, width, y, other) = curve?;
                let knots = vec![
                    Knot { x, y: y.max(other) },
                    Knot {
                        x: x + width,
                        y: y.min(other),
                    },
                ];
                Some((factor, knots))
            });
        Configuration::try_from(ConfigurationDraft {
            version: 1,
            weights: Factor::ALL
                .into_iter()
                .zip(shares.map(|share| share * 100.0 / sum))
                .collect(),
            yellow: a.min(b),
            green: a.max(b) + 1,
            curves: own.collect(),
        })
        .unwrap()
    })
}

fn values(evaluation: &Evaluation) -> Vec<f64> {
    evaluation
        .factors
        .iter()
        .filter_map(|(_, factor)| factor.value)
        .collect()
}

/// The same customer with one input worse by some amount, for every input that can get worse.
fn worsened(inputs: Inputs, by: f64, count: u32) -> Vec<(&'static str, Inputs)> {
    let add = |measure: Option<f64>| measure.map(|value| value + by);
    vec![
        (
            "seen_days",
            Inputs {
                seen_days: add(inputs.seen_days),
                ..inputs
            },
        ),
        (
            "conv_days",
            Inputs {
                conv_days: add(inputs.conv_days),
                ..inputs
            },
        ),
        (
            "open",
            Inputs {
                open: inputs.open + count,
                ..inputs
            },
        ),
        (
            "resolution_hours",
            Inputs {
                resolution_hours: add(inputs.resolution_hours),
                ..inputs
            },
        ),
        (
            "reopens_30d",
            Inputs {
                reopens_30d: inputs.reopens_30d + count,
                ..inputs
            },
        ),
        (
            "unanswered_hours",
            Inputs {
                unanswered_hours: add(inputs.unanswered_hours),
                ..inputs
            },
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_score_lies_on_the_scale_and_between_its_worst_and_best_factor(
        inputs in any_inputs(), configuration in any_configuration(),
    ) {
        let evaluation = evaluate(&inputs, &configuration);
        let raw = evaluation.raw.unwrap();
        let values = values(&evaluation);
        let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        prop_assert!(lowest - 1e-9 <= raw && raw <= highest + 1e-9);
        prop_assert!(evaluation.points.unwrap().get() <= 100);
        prop_assert!((0.0..=1.0 + 1e-9).contains(&evaluation.coverage));
    }

    #[test]
    fn a_score_never_rises_when_an_input_worsens(
        inputs in any_inputs(), configuration in any_configuration(),
        by in 0.0..200.0_f64, count in 0_u32..5,
    ) {
        let before = evaluate(&inputs, &configuration);
        for (input, worse) in worsened(inputs, by, count) {
            let after = evaluate(&worse, &configuration);
            prop_assert!(after.raw <= before.raw, "{}", input);
            prop_assert!(after.points <= before.points, "{}", input);
        }
    }

    #[test]
    fn scaling_all_weights_changes_nothing(
        inputs in any_inputs(), configuration in any_configuration(), by in 0.01..100.0_f64,
    ) {
        let values = PerFactor::of(|factor| judge(factor, &inputs, &configuration));
        let weights = *configuration.weights();
        let scaled = PerFactor::of(|factor| weights[factor] * by);
        let (one, other) = (weigh(&values, &weights), weigh(&values, &scaled));
        prop_assert!((one.raw.unwrap() - other.raw.unwrap()).abs() < 1e-9);
        prop_assert!((one.coverage - other.coverage).abs() < 1e-9);
        for factor in Factor::ALL {
            let lost = one.factors[factor].points_lost - other.factors[factor].points_lost;
            prop_assert!(lost.abs() < 1e-9);
        }
    }

    #[test]
    fn leaving_out_a_factor_moves_the_score_away_from_it(
        inputs in any_inputs(), configuration in any_configuration(), which in 0_usize..5,
    ) {
        let factor = Factor::ALL[which];
        let mut values = PerFactor::of(|factor| judge(factor, &inputs, &configuration));
        let weights = configuration.weights();
        let before = weigh(&values, weights).raw.unwrap();
        if let Some(value) = values[factor].take() {
            let after = weigh(&values, weights).raw.unwrap();
            if value < before {
                prop_assert!(after > before - 1e-9);
            } else {
                prop_assert!(after <= before + 1e-9);
            }
        }
    }

    #[test]
    fn the_points_lost_are_what_is_missing_to_a_hundred(
        inputs in any_inputs(), configuration in any_configuration(),
    ) {
        let evaluation = evaluate(&inputs, &configuration);
        let lost: f64 = evaluation.factors.iter().map(|(_, factor)| factor.points_lost).sum();
        prop_assert!((lost - (100.0 - evaluation.raw.unwrap())).abs() < 1e-9);
        prop_assert!(evaluation.factors.iter().all(|(_, factor)| factor.points_lost >= 0.0));
    }

    #[test]
    fn the_same_inputs_give_the_same_score(
        inputs in any_inputs(), configuration in any_configuration(),
    ) {
        prop_assert_eq!(evaluate(&inputs, &configuration), evaluate(&inputs, &configuration));
    }

    #[test]
    fn without_a_conversation_there_is_no_score(
        inputs in any_inputs(), configuration in any_configuration(),
    ) {
        let evaluation = evaluate(&Inputs { conversations: 0, ..inputs }, &configuration);
        prop_assert_eq!((evaluation.points, evaluation.level), (None, None));
        prop_assert_eq!(evaluation.raw, None);
        prop_assert!(values(&evaluation).is_empty());
    }
}
