use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::caller::Caller;
use super::params::Params;
use super::wire::AdminBody;
use crate::access::Permission;
use crate::story::staff::{ADMINS, admin_by_id};

pub(super) async fn list(caller: Caller, params: Params) -> Answer<Value> {
    caller.needs(Permission::ReadAdmins)?;
    let avatar = params.flag("display_avatar");
    let admins: Vec<_> = ADMINS
        .iter()
        .map(|admin| AdminBody::new(admin, caller.version, avatar))
        .collect();
    Ok(Json(json!({ "type": "admin.list", "admins": admins })))
}

pub(super) async fn retrieve(caller: Caller, Path(id): Path<String>) -> Answer<AdminBody> {
    caller.needs_one_of(&[Permission::ReadSingleAdmin, Permission::ReadAdmins])?;
    let admin = id.parse().ok().and_then(admin_by_id);
    let unknown = || ApiError::new(StatusCode::NOT_FOUND, "admin_not_found", "Admin not found");
    Ok(Json(AdminBody::new(
        admin.ok_or_else(unknown)?,
        caller.version,
        true,
    )))
}
