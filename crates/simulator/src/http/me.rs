use axum::Json;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::caller::Caller;
use super::wire::admin_id;
use crate::access::Permission;
use crate::story::escape_html;
use crate::story::staff::ADMINS;

/// The teammate who authorised the app, and the workspace.
pub(super) async fn retrieve(caller: Caller) -> Answer<Value> {
    caller.needs_one_of(&[Permission::ReadSingleAdmin, Permission::ReadAdmins])?;
    let workspace = caller.workspace();
    if caller.is_private && caller.app.register.use_private(workspace.key).is_err() {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        return Err(ApiError::new(status, "server_error", "Server Error"));
    }
    let admin = &ADMINS[0];
    Ok(Json(json!({
        "type": "admin",
        "id": admin_id(admin.id),
        "name": escape_html(admin.name),
        "email": admin.email(),
        "job_title": admin.job_title,
        "away_mode_enabled": admin.away,
        "away_mode_reassign": admin.away,
        "has_inbox_seat": admin.seat,
        "team_ids": admin.teams,
        "email_verified": true,
        "app": {
            "type": "app",
            "id_code": workspace.id,
            "name": escape_html(workspace.name),
            "created_at": caller.app.epoch - 900 * 86_400,
            "secure": false,
            "identity_verification": false,
            "timezone": workspace.zone.name(),
            "region": workspace.region,
        },
        "avatar": {
            "type": "avatar",
            "image_url": "https://static.intercomassets.example/avatars/me/square_128.png",
        },
    })))
}
