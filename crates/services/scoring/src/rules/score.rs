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
pub(super) fn judge(factor: Factor, inputs: &Inputs, configuration: &Configuration) -> Option<f64> {
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

pub(super) struct Weighed {
    pub(super) raw: Option<f64>,
    pub(super) coverage: f64,
    pub(super) factors: PerFactor<FactorScore>,
}

/// The weighted mean of what is there, and each one's share in what is missing to 100.
pub(super) fn weigh(values: &PerFactor<Option<f64>>, weights: &PerFactor<f64>) -> Weighed {
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
mod tests {
    use super::*;
    use crate::rules::configuration::tests::standard_draft;

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
