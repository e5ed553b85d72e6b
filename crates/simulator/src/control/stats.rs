use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::app::Shared;
use crate::stats::Counted;

pub(super) async fn read(State(app): State<Shared>) -> Json<Counted> {
    Json(app.stats.read())
}

pub(super) async fn reset(State(app): State<Shared>) -> StatusCode {
    app.stats.reset();
    StatusCode::NO_CONTENT
}
