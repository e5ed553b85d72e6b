use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use super::Asked;
use crate::app::Shared;

/// Requests a minute; 0 is unlimited, what is missing stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rates {
    rate_per_minute: Option<u64>,
    workspace_rate_per_minute: Option<u64>,
}

pub(super) async fn set(State(app): State<Shared>, Asked(rates): Asked<Rates>) -> StatusCode {
    app.limits
        .set(rates.rate_per_minute, rates.workspace_rate_per_minute);
    StatusCode::NO_CONTENT
}
