use harken_domain::{Points, RiskLevel};
use serde::{Deserialize, Serialize};

use super::{Configuration, Factor, Inputs, PerFactor};

/// A heavy user's reopenings are measured against this many conversations.
const USUAL_CONVERSATIONS: f64 = 20.0;

/// What arithmetic may take from an exact half before it is rounded.
const DUST: f64 = 1e-9;

/// A score with everything that explains it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Evaluation {
    /// What it was computed from.
    pub(crate) inputs: Inputs,
    pub(crate) configuration_version: u32,
    /// `None`: N/A.
    pub(crate) points: Option<Points>,
    /// `None`: N/A.
    pub(crate) level: Option<RiskLevel>,
    /// Before rounding.
    pub(crate) raw: Option<f64>,
    /// Share of the weights that could be judged, 0 to 1.
    pub(crate) coverage: f64,
    pub(crate) factors: PerFactor<FactorScore>,
}

/// One factor's part in a score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FactorScore {
    pub(crate) weight: f64,
    /// 0 to 100; `None`: N/A, its weight is shared by the others.
    pub(crate) value: Option<f64>,
    /// What it takes from 100; 0 when N/A.
    pub(crate) points_lost: f64,
}

/// Computes the score.
pub(crate) fn evaluate(inputs: &Inputs, configuration: &Configuration) -> Evaluation {
    let values = PerFactor::of(|factor| {
        let has_conversations = inputs.conversations > 0;
        has_conversations
            .then(|| judge(factor, inputs, configuration))
            .flatten()
    });
    let Weighed {
        raw,
        coverage,
        factors,
    } = weigh(&values, configuration.weights());
    let points = raw.and_then(rounded);
    Evaluation {
        inputs: *inputs,
        configuration_version: configuration.version(),
        points,
        level: points.map(|points| configuration.thresholds().level(points)),
        raw,
        coverage,
        factors,
    }
}

/// What the raw score would be if one factor had another value.
pub(super) fn raw_with(evaluation: &Evaluation, factor: Factor, value: Option<f64>) -> Option<f64> {
    let mut values = PerFactor::of(|factor| evaluation.factors[factor].value);
    values[factor] = value;
    let weights = PerFactor::of(|factor| evaluation.factors[factor].weight);
    weigh(&values, &weights).raw
}

/// One factor's own score.
fn judge(factor: Factor, inputs: &Inputs, configuration: &Configuration) -> Option<f64> {
    let curve = configuration.curve(factor);
    match factor {
        Factor::SupportRecency => {
            match [inputs.seen_days, inputs.conv_days].map(|days| days.map(|days| curve.at(days))) {
                [Some(seen), Some(conversation)] => Some(f64::midpoint(seen, conversation)),
                [one, other] => one.or(other),
            }
        }
        Factor::OpenVolume => Some(curve.at(f64::from(inputs.open))),
        Factor::ResolutionTime => inputs.resolution_hours.map(|hours| curve.at(hours)),
        Factor::ReopenRate => Some(curve.at(reopen_rate(inputs))),
        Factor::ResponseRate => inputs.unanswered_hours.map(|hours| curve.at(hours)),
    }
}

fn reopen_rate(inputs: &Inputs) -> f64 {
    let share = match inputs.conversations_30d {
        0 => 1.0,
        conversations => (USUAL_CONVERSATIONS / f64::from(conversations)).min(1.0),
    };
    f64::from(inputs.reopens_30d) * share
}

struct Weighed {
    raw: Option<f64>,
    coverage: f64,
    factors: PerFactor<FactorScore>,
}

/// The weighted mean of what is there, and each one's share in what is missing to 100.
fn weigh(values: &PerFactor<Option<f64>>, weights: &PerFactor<f64>) -> Weighed {
    let judged = || {
        values
            .iter()
            .filter_map(|(factor, value)| value.map(|value| (weights[factor], value)))
    };
    let weight: f64 = judged().map(|(weight, _)| weight).sum();
    let all: f64 = weights.iter().map(|(_, weight)| weight).sum();
    let raw = (weight > 0.0)
        .then(|| judged().map(|(weight, value)| weight * value).sum::<f64>() / weight);
    let factors = PerFactor::of(|factor| FactorScore {
        weight: weights[factor],
        value: values[factor],
        points_lost: match (raw, values[factor]) {
            (Some(_), Some(value)) => weights[factor] * (100.0 - value) / weight,
            _ => 0.0,
        },
    });
    let coverage = raw.map_or(0.0, |_| weight / all);
    Weighed {
        raw,
        coverage,
        factors,
    }
}

/// Rounds half up.
fn rounded(raw: f64) -> Option<Points> {
    #[expect(clippy::cast_possible_truncation, reason = "clamped to 0 to 100")]
    let whole = (raw + 0.5 + DUST).floor().clamp(0.0, 100.0) as i64;
    Points::try_from(whole).ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::{ConfigurationDraft, Knot, configuration::tests::standard_draft};

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

    #[test]
    fn a_half_is_rounded_up() {
        for (raw, points) in [
            (42.5, 43),
            (42.499_999, 42),
            (0.0, 0),
            (99.5, 100),
            (100.0, 100),
        ] {
            assert_eq!(rounded(raw).map(Points::get), Some(points), "{raw}");
        }
    }

    #[test]
    fn an_update_by_an_agent_does_not_hide_a_customer_unseen_for_a_month() {
        let inputs = Inputs {
            seen_days: Some(30.0),
            conv_days: Some(0.0),
            conversations: 1,
            ..Inputs::default()
        };
        let evaluation = evaluate(&inputs, &Configuration::standard());
        assert_eq!(evaluation.factors[Factor::SupportRecency].value, Some(57.5));
    }

    #[test]
    fn heavy_users_are_not_punished_for_volume() {
        let reopened = |conversations_30d| {
            reopen_rate(&Inputs {
                reopens_30d: 4,
                conversations_30d,
                ..Inputs::default()
            })
        };
        for (conversations, rate) in [(0, 4.0), (1, 4.0), (20, 4.0), (40, 2.0), (80, 1.0)] {
            assert!(
                (reopened(conversations) - rate).abs() < 1e-12,
                "{conversations}"
            );
        }
    }

    #[test]
    fn a_score_is_not_applicable_when_only_factors_without_weight_are_known() {
        let mut draft = standard_draft();
        for (factor, weight) in &mut draft.weights {
            *weight = if *factor == Factor::ResolutionTime {
                100.0
            } else {
                0.0
            };
        }
        let configuration = Configuration::try_from(draft).unwrap();
        let inputs = Inputs {
            conversations: 1,
            ..Inputs::default()
        };
        let evaluation = evaluate(&inputs, &configuration);
        assert_eq!(
            (evaluation.points, evaluation.coverage.to_bits()),
            (None, 0)
        );
    }
}
