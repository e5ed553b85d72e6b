//! Wire forms, both directions of a word side by side.

use std::str::FromStr;

use harken_contracts::{
    convert,
    wire::{scoring::v1, types::v1 as types},
};
use harken_domain::{InvalidId, Points, RiskLevel};
use harken_runtime::status;
use tonic::Status;

use crate::{
    app::Told,
    outbound::postgres::standings::Standing,
    rules::{
        Configuration, ConfigurationDraft, Evaluation, Factor, FactorScore, Inputs, Knot, PerFactor,
    },
};

/// An id of a request.
pub(super) fn id<T: FromStr<Err = InvalidId>>(field: &str, text: &str) -> Result<T, Status> {
    text.parse()
        .map_err(|cause: InvalidId| status::invalid_argument(field, cause.to_string()))
}

/// An id of a request that may be left out.
pub(super) fn optional_id<T: FromStr<Err = InvalidId>>(
    field: &str,
    text: &str,
) -> Result<Option<T>, Status> {
    (!text.is_empty()).then(|| id(field, text)).transpose()
}

/// Ids of a request, at most `most`.
pub(super) fn ids<T: FromStr<Err = InvalidId>>(
    field: &str,
    texts: &[String],
    most: usize,
) -> Result<Vec<T>, Status> {
    if texts.len() > most {
        let problem = format!("has {}; ask for at most {most} at once", texts.len());
        return Err(status::invalid_argument(field, problem));
    }
    texts
        .iter()
        .enumerate()
        .map(|(index, text)| id(&format!("{field}[{index}]"), text))
        .collect()
}

pub(super) fn level(level: Option<RiskLevel>) -> i32 {
    level
        .map_or(types::RiskLevel::Unspecified, types::RiskLevel::from)
        .into()
}

pub(super) fn points(points: Option<Points>) -> Option<u32> {
    points.map(|points| u32::from(points.get()))
}

impl From<Factor> for v1::Factor {
    fn from(factor: Factor) -> Self {
        match factor {
            Factor::SupportRecency => Self::SupportRecency,
            Factor::OpenVolume => Self::OpenVolume,
            Factor::ResolutionTime => Self::ResolutionTime,
            Factor::ReopenRate => Self::ReopenRate,
            Factor::ResponseRate => Self::ResponseRate,
        }
    }
}

fn factor(field: impl FnOnce() -> String, factor: i32) -> Result<Factor, Status> {
    match v1::Factor::try_from(factor) {
        Ok(v1::Factor::SupportRecency) => Ok(Factor::SupportRecency),
        Ok(v1::Factor::OpenVolume) => Ok(Factor::OpenVolume),
        Ok(v1::Factor::ResolutionTime) => Ok(Factor::ResolutionTime),
        Ok(v1::Factor::ReopenRate) => Ok(Factor::ReopenRate),
        Ok(v1::Factor::ResponseRate) => Ok(Factor::ResponseRate),
        Ok(v1::Factor::Unspecified) | Err(_) => {
            let names = v1::Factor::SupportRecency.as_str_name();
            let problem = format!("is {factor}; give one of the five factors, such as {names}");
            Err(status::invalid_argument(&field(), problem))
        }
    }
}

impl From<Inputs> for v1::Inputs {
    fn from(inputs: Inputs) -> Self {
        Self {
            seen_days: inputs.seen_days,
            conv_days: inputs.conv_days,
            open: inputs.open,
            resolution_hours: inputs.resolution_hours,
            reopens_30d: inputs.reopens_30d,
            conversations_30d: inputs.conversations_30d,
            unanswered_hours: inputs.unanswered_hours,
            conversations: inputs.conversations,
        }
    }
}

/// Inputs of a request.
pub(super) fn inputs(wire: v1::Inputs) -> Result<Inputs, Status> {
    // Taken apart without `..`, so that a new field does not compile until it is answered here.
    let v1::Inputs {
        seen_days,
        conv_days,
        open,
        resolution_hours,
        reopens_30d,
        conversations_30d,
        unanswered_hours,
        conversations,
    } = wire;
    let inputs = Inputs {
        seen_days,
        conv_days,
        open,
        resolution_hours,
        reopens_30d,
        conversations_30d,
        unanswered_hours,
        conversations,
    };
    inputs.checked().map_err(|invalid| {
        status::invalid_argument(&format!("inputs.{}", invalid.field), invalid.problem)
    })
}

/// The factors as they travel: always all five, in their order.
pub(super) fn factors(factors: &PerFactor<FactorScore>) -> Vec<v1::FactorScore> {
    factors
        .iter()
        .map(|(factor, score)| v1::FactorScore {
            factor: v1::Factor::from(factor).into(),
            weight: score.weight,
            value: score.value,
            points_lost: score.points_lost,
        })
        .collect()
}

/// A customer with its score.
pub(super) fn score(standing: Standing) -> v1::Score {
    let Standing { customer, score } = standing;
    let profile = customer.profile.unwrap_or_default();
    let evaluation = score.as_ref().map(|score| &score.evaluation);
    let of = |number: fn(&Evaluation) -> Option<f64>| evaluation.and_then(number);
    v1::Score {
        customer_id: customer.id.to_string(),
        connection_id: customer.connection.to_string(),
        external_id: customer.external_id,
        email: profile.email,
        name: profile.name,
        contact_role: profile.contact_role,
        points: points(evaluation.and_then(|it| it.points)),
        level: level(evaluation.and_then(|it| it.level)),
        raw: of(|it| it.raw),
        coverage: of(|it| Some(it.coverage)).unwrap_or_default(),
        inputs: evaluation.map(|it| it.inputs.into()),
        factors: evaluation
            .map(|it| factors(&it.factors))
            .unwrap_or_default(),
        configuration_version: evaluation.map_or(0, |it| it.configuration_version),
        as_of: score.as_ref().map(|score| convert::timestamp(score.as_of)),
        trigger: score
            .as_ref()
            .map_or("", |score| score.trigger.as_str())
            .to_owned(),
        revision: score.as_ref().map_or(0, |score| score.revision.0),
        last_seen_at: profile.last_seen_at.map(convert::timestamp),
        is_gone: false,
    }
}

/// What a watch tells.
pub(super) fn told(told: Told) -> v1::Score {
    match told {
        Told::Score(standing) => score(*standing),
        Told::Gone {
            connection,
            customer,
            revision,
        } => v1::Score {
            customer_id: customer.to_string(),
            connection_id: connection.to_string(),
            revision: revision.0,
            is_gone: true,
            ..v1::Score::default()
        },
    }
}

impl From<&Configuration> for v1::Configuration {
    fn from(configuration: &Configuration) -> Self {
        let weights = configuration
            .weights()
            .iter()
            .map(|(factor, weight)| v1::FactorWeight {
                factor: v1::Factor::from(factor).into(),
                weight: *weight,
            });
        let curves = configuration.own_curves().map(|(factor, curve)| v1::Curve {
            factor: v1::Factor::from(factor).into(),
            knots: curve
                .knots()
                .iter()
                .map(|knot| v1::Knot {
                    x: knot.x,
                    y: knot.y,
                })
                .collect(),
        });
        Self {
            version: configuration.version(),
            weights: weights.collect(),
            green_threshold: configuration.thresholds().green().into(),
            yellow_threshold: configuration.thresholds().yellow().into(),
            curves: curves.collect(),
        }
    }
}

/// A configuration of a request.
pub(super) fn configuration(wire: v1::Configuration) -> Result<Configuration, Status> {
    let v1::Configuration {
        version,
        weights,
        green_threshold,
        yellow_threshold,
        curves,
    } = wire;
    let weights = weights.iter().enumerate().map(|(index, weight)| {
        let field = || format!("configuration.weights[{index}].factor");
        Ok((factor(field, weight.factor)?, weight.weight))
    });
    let curves = curves.iter().enumerate().map(|(index, curve)| {
        let field = || format!("configuration.curves[{index}].factor");
        let knots = curve.knots.iter().map(|knot| Knot {
            x: knot.x,
            y: knot.y,
        });
        Ok((factor(field, curve.factor)?, knots.collect()))
    });
    let draft = ConfigurationDraft {
        version,
        weights: weights.collect::<Result<_, Status>>()?,
        yellow: yellow_threshold,
        green: green_threshold,
        curves: curves.collect::<Result<_, Status>>()?,
    };
    Configuration::try_from(draft).map_err(|invalid| {
        status::invalid_argument(&format!("configuration.{}", invalid.field), invalid.problem)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_survives_the_journey() {
        let standard = Configuration::standard();
        let there = v1::Configuration::from(&standard);
        assert_eq!(configuration(there).unwrap(), standard);
    }

    #[test]
    fn a_factor_that_does_not_exist_is_named_by_its_place() {
        let mut wire = v1::Configuration::from(&Configuration::standard());
        wire.weights[3].factor = 77;
        let refused = configuration(wire).unwrap_err();
        assert_eq!(
            status::field_of(&refused).as_deref(),
            Some("configuration.weights[3].factor")
        );
    }
}
