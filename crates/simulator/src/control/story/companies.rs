use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;

use super::{Asked, Refused, company, find};
use crate::app::Shared;
use crate::world::Change;

/// What a company is to be called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewName {
    name: String,
}

pub(super) async fn rename(
    State(app): State<Shared>,
    Path((workspace, id)): Path<(String, String)>,
    Asked(NewName { name }): Asked<NewName>,
) -> Result<StatusCode, Refused> {
    let workspace = find(&app, &workspace)?;
    let company = company(&workspace.look(), &id)?;
    let at = app.now_secs();
    app.happen(workspace, Change::CompanyRenamed { company, name, at })?;
    Ok(StatusCode::NO_CONTENT)
}
