use axum::Json;
use axum::extract::Path;
use chrono::{DateTime, Utc};
use harken_contracts::wire::sync::v1 as wire;
use harken_domain::ConnectionId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::moment;
use super::caller::Caller;
use super::reading::{Asked, id};
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::inbound::http::render::Problem;
use crate::words::{self, DRIFT_CAUSES};

/// Longest period, in days.
const MOST_DAYS: u32 = 90;
const DAYS: u32 = 7;

/// What runs had to correct because no notification had told it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Drift {
    /// `con_…`.
    connection_id: String,
    /// Over all of the days.
    causes: Vec<DriftCount>,
    /// By day (UTC), oldest first; days without drift are left out.
    days: Vec<DriftDay>,
    /// Records that runs compared over all of the days.
    records_compared: u64,
}

/// What was corrected for one cause.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DriftCount {
    /// `missing` (not told of), `stale` (an older state), `gone` (deleted at Intercom) or `untold` (Intercom tells nobody).
    cause: &'static str,
    /// Records corrected.
    count: u64,
}

/// What was corrected on one day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DriftDay {
    /// The day's first second, UTC.
    day: Option<DateTime<Utc>>,
    causes: Vec<DriftCount>,
}

/// Which days.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DriftAsked {
    /// Days back from now, 1 to 90; 7 if absent.
    days: Option<u32>,
}

/// Tells what syncs had to correct because no notification had told it.
#[utoipa::path(get, path = "/connections/{connection_id}/drift", operation_id = "getDrift", tag = "mirror",
    params(("connection_id" = String, Path, description = "`con_…`"), DriftAsked),
    responses((status = 200, description = "The drift", body = Drift), Problem))]
pub(crate) async fn get(
    caller: Caller,
    Path(connection): Path<String>,
    Asked(asked): Asked<DriftAsked>,
) -> Refused<Json<Drift>> {
    let connection: ConnectionId = id("connection_id", &connection)?;
    let days = asked.days.unwrap_or(DAYS);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Refusal::field("days", "must be 1 to 90"));
    }
    let drift = caller.asking().drift(connection, days).await?;
    let days = drift.days.iter().map(|day| DriftDay {
        day: moment(day.day.as_ref()),
        causes: day.causes.iter().filter_map(DriftCount::read).collect(),
    });
    Ok(Json(Drift {
        causes: drift.causes.iter().filter_map(DriftCount::read).collect(),
        days: days.collect(),
        connection_id: drift.connection_id,
        records_compared: drift.records_compared,
    }))
}

impl DriftCount {
    /// The count; none for causes newer than this reader.
    pub(super) fn read(wire: &wire::DriftCount) -> Option<Self> {
        Some(Self {
            cause: words::word(DRIFT_CAUSES, &wire.cause())?,
            count: wire.count,
        })
    }
}
