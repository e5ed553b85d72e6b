use axum::Json;
use axum::extract::State;

use super::{Asked, Refused, not_found};
use crate::app::Shared;
use crate::storyteller::churn::{Churn, Churned};

pub(super) async fn read(State(app): State<Shared>) -> Json<Churned> {
    Json(app.churner.read())
}

/// Sets what goes on from now on; answers what was changed so far.
pub(super) async fn set(
    State(app): State<Shared>,
    Asked(churn): Asked<Churn>,
) -> Result<Json<Churned>, Refused> {
    app.workspace(&churn.workspace)
        .ok_or_else(|| not_found("workspace"))?;
    app.churner.set(churn);
    Ok(Json(app.churner.read()))
}
