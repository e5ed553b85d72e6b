use axum::Json;
use harken_contracts::wire::scoring::v1 as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::Caller;
use super::reading::Sent;
use super::scores::{FactorScore, Inputs};
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::inbound::http::render::Problem;
use crate::words;

/// How scores are computed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Configuration {
    /// Grows with each change; 0 is Harken's own default.
    #[serde(default)]
    version: u32,
    /// Weights that sum to 100.
    weights: Vec<FactorWeight>,
    /// Scores at or above are healthy.
    green_threshold: u32,
    /// Scores at or above, and below green, are at risk; below, critical.
    yellow_threshold: u32,
    /// Curves that replace the fixed ones.
    #[serde(default)]
    curves: Vec<Curve>,
}

/// The weight of a factor.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactorWeight {
    factor: String,
    weight: f64,
}

/// A piecewise linear curve from an input to a factor score.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Curve {
    factor: String,
    /// Strictly rising in x, never rising in y.
    knots: Vec<Knot>,
}

/// One knot of a curve.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Knot {
    x: f64,
    y: f64,
}

/// What to compute a score from, and how.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Evaluation {
    inputs: Inputs,
    /// Absent: the organization's own configuration.
    configuration: Option<Configuration>,
}

/// A score that was computed and not stored.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Evaluated {
    points: Option<u32>,
    level: Option<&'static str>,
    raw: Option<f64>,
    coverage: f64,
    factors: Vec<FactorScore>,
}

/// Computes a score from given inputs. Stores nothing.
#[utoipa::path(post, path = "/scores/evaluate", operation_id = "evaluateScore", tag = "scores", request_body = Evaluation,
    responses((status = 200, description = "The score", body = Evaluated), Problem))]
pub(crate) async fn evaluate(
    caller: Caller,
    Sent(sent): Sent<Evaluation>,
) -> Refused<Json<Evaluated>> {
    let request = wire::EvaluateRequest {
        inputs: Some(sent.inputs.into()),
        configuration: sent.configuration.map(Configuration::wire).transpose()?,
    };
    let answer = caller.asking().evaluate(request).await?;
    Ok(Json(Evaluated {
        points: answer.points,
        level: words::level(answer.level()),
        raw: answer.raw,
        coverage: answer.coverage,
        factors: answer.factors.iter().map(FactorScore::from).collect(),
    }))
}

/// Reads how scores are computed for the organization.
#[utoipa::path(get, path = "/scoring/config", operation_id = "getScoringConfiguration", tag = "scores",
    responses((status = 200, description = "The configuration", body = Configuration), Problem))]
pub(crate) async fn configuration(caller: Caller) -> Refused<Json<Configuration>> {
    Ok(Json(caller.asking().scoring_configuration().await?.into()))
}

impl From<wire::Configuration> for Configuration {
    fn from(wire: wire::Configuration) -> Self {
        let weights = wire.weights.iter().map(|one| FactorWeight {
            factor: words::factor(one.factor()).to_owned(),
            weight: one.weight,
        });
        let curves = wire.curves.iter().map(|curve| Curve {
            factor: words::factor(curve.factor()).to_owned(),
            knots: curve
                .knots
                .iter()
                .map(|knot| Knot {
                    x: knot.x,
                    y: knot.y,
                })
                .collect(),
        });
        Self {
            version: wire.version,
            weights: weights.collect(),
            curves: curves.collect(),
            green_threshold: wire.green_threshold,
            yellow_threshold: wire.yellow_threshold,
        }
    }
}

impl Configuration {
    fn wire(self) -> Refused<wire::Configuration> {
        let weights = self.weights.into_iter().enumerate().map(|(at, one)| {
            Ok(wire::FactorWeight {
                factor: factor(&format!("configuration.weights[{at}].factor"), &one.factor)?.into(),
                weight: one.weight,
            })
        });
        let curves = self.curves.into_iter().enumerate().map(|(at, curve)| {
            let knots = curve.knots.into_iter().map(|knot| wire::Knot {
                x: knot.x,
                y: knot.y,
            });
            Ok(wire::Curve {
                factor: factor(&format!("configuration.curves[{at}].factor"), &curve.factor)?
                    .into(),
                knots: knots.collect(),
            })
        });
        Ok(wire::Configuration {
            version: self.version,
            weights: weights.collect::<Refused<_>>()?,
            curves: curves.collect::<Refused<_>>()?,
            green_threshold: self.green_threshold,
            yellow_threshold: self.yellow_threshold,
        })
    }
}

fn factor(field: &str, word: &str) -> Refused<wire::Factor> {
    words::factor_named(word).ok_or_else(|| {
        let problem = "is none of support_recency, open_volume, resolution_time, reopen_rate and response_rate";
        Refusal::field(field, problem)
    })
}
