use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use super::Asked;
use crate::app::Shared;

/// A word of letters and digits; none to leave texts as they are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    word: Option<String>,
}

pub(super) async fn set(State(app): State<Shared>, Asked(wanted): Asked<Wanted>) -> StatusCode {
    app.canary.set(wanted.word);
    StatusCode::NO_CONTENT
}
