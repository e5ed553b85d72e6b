use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::Asked;
use crate::app::Shared;
use crate::faults::Fault;

pub(super) async fn list(State(app): State<Shared>) -> Json<Vec<Fault>> {
    Json(app.faults.list())
}

pub(super) async fn order(State(app): State<Shared>, Asked(fault): Asked<Fault>) -> StatusCode {
    app.faults.order(fault);
    StatusCode::CREATED
}

pub(super) async fn clear(State(app): State<Shared>) -> StatusCode {
    app.faults.clear();
    StatusCode::NO_CONTENT
}
