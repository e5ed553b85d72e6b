use axum::Json;
use axum::extract::Path;
use chrono::{DateTime, Utc};
use harken_contracts::wire::scoring::v1 as wire;
use harken_domain::CustomerId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::moment;
use super::caller::Caller;
use super::reading::id;
use crate::inbound::http::refusal::Refused;
use crate::inbound::http::render::Problem;
use crate::words;

/// A customer's score.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Score {
    /// `cus_…`.
    pub(crate) customer_id: String,
    /// `con_…`.
    pub(crate) connection_id: String,
    /// Intercom's contact id.
    pub(crate) external_id: String,
    /// Absent where not invited.
    pub(crate) email: Option<String>,
    /// Absent where unknown or not invited.
    pub(crate) name: Option<String>,
    /// `user` or `lead`.
    pub(crate) contact_role: String,
    /// Absent if never seen.
    pub(crate) last_seen_at: Option<DateTime<Utc>>,
    /// 0 to 100; null: N/A.
    pub(crate) points: Option<u32>,
    /// `healthy`, `at_risk` or `critical`; null: N/A.
    pub(crate) level: Option<&'static str>,
    /// Before rounding; null: N/A.
    pub(crate) raw: Option<f64>,
    /// Share of the weights that could be judged, 0 to 1.
    pub(crate) coverage: f64,
    /// What it was computed from.
    pub(crate) inputs: Option<Inputs>,
    pub(crate) factors: Vec<FactorScore>,
    pub(crate) configuration_version: u32,
    /// The moment for which it was computed.
    pub(crate) as_of: Option<DateTime<Utc>>,
    /// `record_changed`, `time_passed` or `configuration_changed`.
    pub(crate) trigger: String,
    /// Grows with each change.
    pub(crate) revision: i64,
}

/// What a score is computed from. Absent means unknown or not applicable.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Inputs {
    /// Days since the customer was last seen.
    seen_days: Option<f64>,
    /// Days since the newest change of any conversation.
    conv_days: Option<f64>,
    /// Conversations in state open.
    open: u32,
    /// Mean hours to the last close, over conversations closed in the last 90 days.
    resolution_hours: Option<f64>,
    /// Reopenings in the last 30 days.
    reopens_30d: u32,
    /// Conversations with a visible message in the last 30 days.
    conversations_30d: u32,
    /// Hours that the oldest message of an admin has waited for an answer; 0: answered; absent: nothing to answer.
    unanswered_hours: Option<f64>,
    /// Conversations ever mirrored; 0 makes the score N/A.
    conversations: u32,
}

/// One factor's share of a score.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactorScore {
    /// `support_recency`, `open_volume`, `resolution_time`, `reopen_rate` or `response_rate`.
    factor: &'static str,
    /// Its weight, of 100.
    weight: f64,
    /// Its own score, 0 to 100; null: N/A.
    value: Option<f64>,
    /// Points that it takes from 100.
    points_lost: f64,
}

/// Why a score is what it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Explanation {
    score: Score,
    /// One sentence that sums up.
    summary: String,
    /// The most costly first.
    factors: Vec<FactorExplanation>,
}

/// One factor in words.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactorExplanation {
    factor: &'static str,
    title: String,
    /// Its inputs and what they cost.
    sentence: String,
}

/// Customers per level.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Levels {
    healthy: u64,
    at_risk: u64,
    critical: u64,
    /// Customers without a score.
    na: u64,
}

/// Reads a customer's score.
#[utoipa::path(get, path = "/customers/{customer_id}/score", operation_id = "getScore", tag = "customers",
    params(("customer_id" = String, Path, description = "`cus_…`")),
    responses((status = 200, description = "The score", body = Score), Problem))]
pub(crate) async fn get(caller: Caller, Path(customer): Path<String>) -> Refused<Json<Score>> {
    let customer: CustomerId = id("customer_id", &customer)?;
    Ok(Json(caller.asking().score(customer).await?.into()))
}

/// Explains a customer's score in words, factor by factor.
#[utoipa::path(get, path = "/customers/{customer_id}/explanation", operation_id = "explainScore", tag = "customers",
    params(("customer_id" = String, Path, description = "`cus_…`")),
    responses((status = 200, description = "The score, explained", body = Explanation), Problem))]
pub(crate) async fn explain(
    caller: Caller,
    Path(customer): Path<String>,
) -> Refused<Json<Explanation>> {
    let customer: CustomerId = id("customer_id", &customer)?;
    let explanation = caller.asking().explanation(customer).await?;
    let factors = explanation
        .factors
        .into_iter()
        .map(|told| FactorExplanation {
            factor: words::factor(told.factor()),
            title: told.title,
            sentence: told.sentence,
        });
    Ok(Json(Explanation {
        score: explanation.score.unwrap_or_default().into(),
        summary: explanation.summary,
        factors: factors.collect(),
    }))
}

/// Counts customers per level.
#[utoipa::path(get, path = "/scores/levels", operation_id = "countLevels", tag = "scores",
    responses((status = 200, description = "Customers per level", body = Levels), Problem))]
pub(crate) async fn levels(caller: Caller) -> Refused<Json<Levels>> {
    let counts = caller.asking().level_counts().await?;
    Ok(Json(Levels {
        healthy: counts.healthy,
        at_risk: counts.at_risk,
        critical: counts.critical,
        na: counts.not_applicable,
    }))
}

impl From<wire::Score> for Score {
    fn from(wire: wire::Score) -> Self {
        Self {
            level: words::level(wire.level()),
            last_seen_at: moment(wire.last_seen_at.as_ref()),
            as_of: moment(wire.as_of.as_ref()),
            factors: wire.factors.iter().map(FactorScore::from).collect(),
            customer_id: wire.customer_id,
            connection_id: wire.connection_id,
            external_id: wire.external_id,
            email: wire.email,
            name: wire.name,
            contact_role: wire.contact_role,
            points: wire.points,
            raw: wire.raw,
            coverage: wire.coverage,
            inputs: wire.inputs.map(Inputs::from),
            configuration_version: wire.configuration_version,
            trigger: wire.trigger,
            revision: wire.revision,
        }
    }
}

impl From<&wire::FactorScore> for FactorScore {
    fn from(wire: &wire::FactorScore) -> Self {
        Self {
            factor: words::factor(wire.factor()),
            weight: wire.weight,
            value: wire.value,
            points_lost: wire.points_lost,
        }
    }
}

impl From<wire::Inputs> for Inputs {
    fn from(wire: wire::Inputs) -> Self {
        let wire::Inputs {
            seen_days,
            conv_days,
            open,
            resolution_hours,
            reopens_30d,
            conversations_30d,
            unanswered_hours,
            conversations,
        } = wire;
        Self {
            seen_days,
            conv_days,
            open,
            resolution_hours,
            reopens_30d,
            conversations_30d,
            unanswered_hours,
            conversations,
        }
    }
}

impl From<Inputs> for wire::Inputs {
    fn from(inputs: Inputs) -> Self {
        let Inputs {
            seen_days,
            conv_days,
            open,
            resolution_hours,
            reopens_30d,
            conversations_30d,
            unanswered_hours,
            conversations,
        } = inputs;
        Self {
            seen_days,
            conv_days,
            open,
            resolution_hours,
            reopens_30d,
            conversations_30d,
            unanswered_hours,
            conversations,
        }
    }
}
