use harken_domain::Thresholds;

use super::{Factor, Knot, PerFactor, curve::Curve};

/// How far the sum of weights may be from 100 for reasons of arithmetic alone.
const SUM_TOLERANCE: f64 = 1e-6;

/// How scores are computed. Always sound: weights sum to 100, thresholds and curves are in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Configuration {
    version: u32,
    weights: PerFactor<f64>,
    thresholds: Thresholds,
    curves: PerFactor<Curve>,
}

/// A configuration as somebody wrote it down.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ConfigurationDraft {
    pub(crate) version: u32,
    pub(crate) weights: Vec<(Factor, f64)>,
    pub(crate) yellow: u32,
    pub(crate) green: u32,
    pub(crate) curves: Vec<(Factor, Vec<Knot>)>,
}

/// A draft that cannot be used: which field, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub(crate) struct InvalidConfiguration {
    pub(crate) field: String,
    pub(crate) problem: String,
}

impl InvalidConfiguration {
    pub(crate) fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            problem: problem.into(),
        }
    }
}

impl Configuration {
    /// What holds for an organization that chose nothing: version 0.
    pub(crate) fn standard() -> Self {
        Self {
            version: 0,
            weights: PerFactor::of(|factor| match factor {
                Factor::SupportRecency => 20.0,
                Factor::OpenVolume => 25.0,
                Factor::ResolutionTime => 20.0,
                Factor::ReopenRate => 20.0,
                Factor::ResponseRate => 15.0,
            }),
            thresholds: Thresholds::STANDARD,
            curves: PerFactor::of(Curve::standard),
        }
    }

    pub(crate) fn version(&self) -> u32 {
        self.version
    }

    pub(crate) fn weights(&self) -> &PerFactor<f64> {
        &self.weights
    }

    pub(crate) fn thresholds(&self) -> Thresholds {
        self.thresholds
    }

    pub(crate) fn curve(&self, factor: Factor) -> &Curve {
        &self.curves[factor]
    }

    /// The curves that differ from the standard ones.
    pub(crate) fn own_curves(&self) -> impl Iterator<Item = (Factor, &Curve)> {
        self.curves
            .iter()
            .filter(|(factor, curve)| **curve != Curve::standard(*factor))
    }
}

impl TryFrom<ConfigurationDraft> for Configuration {
    type Error = InvalidConfiguration;

    fn try_from(draft: ConfigurationDraft) -> Result<Self, InvalidConfiguration> {
        let ConfigurationDraft {
            version,
            weights,
            yellow,
            green,
            curves,
        } = draft;
        Ok(Self {
            version,
            weights: sound_weights(&weights)?,
            thresholds: sound_thresholds(yellow, green)?,
            curves: sound_curves(curves)?,
        })
    }
}

fn sound_weights(given: &[(Factor, f64)]) -> Result<PerFactor<f64>, InvalidConfiguration> {
    let mut weights = PerFactor::<Option<f64>>::default();
    for (index, &(factor, weight)) in given.iter().enumerate() {
        if !(0.0..=100.0).contains(&weight) {
            return Err(InvalidConfiguration::new(
                format!("weights[{index}].weight"),
                format!("is {weight}; give 0 to 100"),
            ));
        }
        if weights[factor].replace(weight).is_some() {
            return Err(InvalidConfiguration::new(
                format!("weights[{index}].factor"),
                format!("names {factor} again; give each factor one weight"),
            ));
        }
    }
    if let Some((missing, _)) = weights.iter().find(|(_, weight)| weight.is_none()) {
        return Err(InvalidConfiguration::new(
            "weights",
            format!("has none for {missing}; give each of the five factors one, 0 to leave it out"),
        ));
    }
    let weights = PerFactor::of(|factor| weights[factor].unwrap_or_default());
    let sum: f64 = weights.iter().map(|(_, weight)| weight).sum();
    if (sum - 100.0).abs() > SUM_TOLERANCE {
        return Err(InvalidConfiguration::new(
            "weights",
            format!("sum to {sum}; let them sum to 100"),
        ));
    }
    Ok(weights)
}

fn sound_thresholds(yellow: u32, green: u32) -> Result<Thresholds, InvalidConfiguration> {
    let problem = |is: u32, remedy: &str| format!("is {is}; {remedy}");
    Thresholds::new(yellow, green).map_err(|_| match (yellow, green) {
        (0, _) => InvalidConfiguration::new("yellow_threshold", problem(0, "give 1 or more")),
        (_, 101..) => {
            InvalidConfiguration::new("green_threshold", problem(green, "give 100 or less"))
        }
        _ => InvalidConfiguration::new(
            "green_threshold",
            problem(
                green,
                &format!("give more than yellow_threshold, which is {yellow}"),
            ),
        ),
    })
}

fn sound_curves(given: Vec<(Factor, Vec<Knot>)>) -> Result<PerFactor<Curve>, InvalidConfiguration> {
    let mut own = PerFactor::<Option<Curve>>::default();
    for (index, (factor, knots)) in given.into_iter().enumerate() {
        let curve = Curve::new(factor, knots).map_err(|invalid| {
            InvalidConfiguration::new(format!("curves[{index}].{}", invalid.path), invalid.problem)
        })?;
        if own[factor].replace(curve).is_some() {
            return Err(InvalidConfiguration::new(
                format!("curves[{index}].factor"),
                format!("names {factor} again; give each factor at most one curve"),
            ));
        }
    }
    Ok(PerFactor::of(|factor| {
        own[factor]
            .take()
            .unwrap_or_else(|| Curve::standard(factor))
    }))
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn standard_draft() -> ConfigurationDraft {
        let standard = Configuration::standard();
        ConfigurationDraft {
            version: 0,
            weights: standard
                .weights()
                .iter()
                .map(|(factor, weight)| (factor, *weight))
                .collect(),
            yellow: 40,
            green: 70,
            curves: Vec::new(),
        }
    }

    fn refused(change: impl FnOnce(&mut ConfigurationDraft)) -> InvalidConfiguration {
        let mut draft = standard_draft();
        change(&mut draft);
        Configuration::try_from(draft).unwrap_err()
    }

    #[test]
    fn the_standard_configuration_is_sound() {
        assert_eq!(
            Configuration::try_from(standard_draft()),
            Ok(Configuration::standard())
        );
    }

    #[test]
    fn an_unsound_configuration_is_refused_with_its_field_and_the_remedy() {
        let wrong: [(&str, InvalidConfiguration); 11] = [
            ("weights", refused(|draft| draft.weights[0].1 = 21.0)),
            ("weights", refused(|draft| draft.weights.truncate(4))),
            (
                "weights[1].weight",
                refused(|draft| draft.weights[1].1 = -1.0),
            ),
            (
                "weights[2].weight",
                refused(|draft| draft.weights[2].1 = f64::NAN),
            ),
            (
                "weights[3].factor",
                refused(|draft| draft.weights[3].0 = Factor::OpenVolume),
            ),
            ("yellow_threshold", refused(|draft| draft.yellow = 0)),
            ("green_threshold", refused(|draft| draft.green = 40)),
            ("green_threshold", refused(|draft| draft.green = 101)),
            (
                "green_threshold",
                refused(|draft| (draft.yellow, draft.green) = (300, 200)),
            ),
            (
                "curves[0].knots[1].y",
                refused(|draft| {
                    let knots = vec![Knot { x: 0.0, y: 10.0 }, Knot { x: 1.0, y: 11.0 }];
                    draft.curves = vec![(Factor::ReopenRate, knots)];
                }),
            ),
            (
                "curves[1].factor",
                refused(|draft| {
                    let knots = Curve::standard(Factor::ReopenRate).knots().to_vec();
                    draft.curves = vec![(Factor::ReopenRate, knots); 2];
                }),
            ),
        ];
        for (field, error) in wrong {
            assert_eq!(error.field, field, "{error}");
            assert!(
                error.problem.contains("give") || error.problem.contains("let"),
                "{error}"
            );
        }
    }

    #[test]
    fn only_curves_that_differ_are_an_organizations_own() {
        let mut draft = standard_draft();
        let knots = vec![Knot { x: 0.0, y: 100.0 }, Knot { x: 9.0, y: 0.0 }];
        draft.curves = vec![
            (Factor::OpenVolume, knots),
            (
                Factor::ReopenRate,
                Curve::standard(Factor::ReopenRate).knots().to_vec(),
            ),
        ];
        let configuration = Configuration::try_from(draft).unwrap();
        let own: Vec<_> = configuration
            .own_curves()
            .map(|(factor, _)| factor)
            .collect();
        assert_eq!(own, [Factor::OpenVolume]);
    }

    proptest! {
        #[test]
        fn weights_are_taken_exactly_when_they_sum_to_a_hundred(
            mut weights in prop::array::uniform5(0_u32..=25),
            is_completed: bool,
            yellow in 0_u32..=110,
            green in 0_u32..=110,
        ) {
            if is_completed {
                weights[4] = 100 - weights[..4].iter().sum::<u32>();
            }
            let sum: u32 = weights.iter().sum();
            let draft = ConfigurationDraft {
                weights: Factor::ALL.into_iter().zip(weights.map(f64::from)).collect(),
                yellow,
                green,
                ..standard_draft()
            };
            let in_order = 0 < yellow && yellow < green && green <= 100;
            prop_assert_eq!(Configuration::try_from(draft).is_ok(), sum == 100 && in_order);
        }
    }
}
