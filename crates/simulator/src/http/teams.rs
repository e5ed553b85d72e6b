use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::caller::Caller;
use super::wire::TeamBody;
use crate::access::Permission;
use crate::story::staff::{TEAMS, team_by_id};

pub(super) async fn list(caller: Caller) -> Answer<Value> {
    caller.needs(Permission::ReadAdmins)?;
    let teams: Vec<_> = TEAMS.iter().map(TeamBody::new).collect();
    Ok(Json(json!({ "type": "team.list", "teams": teams })))
}

pub(super) async fn retrieve(caller: Caller, Path(id): Path<String>) -> Answer<TeamBody> {
    caller.needs(Permission::ReadAdmins)?;
    let team = id.parse().ok().and_then(team_by_id);
    let unknown = || ApiError::new(StatusCode::NOT_FOUND, "team_not_found", "Team not found");
    Ok(Json(TeamBody::new(team.ok_or_else(unknown)?)))
}
