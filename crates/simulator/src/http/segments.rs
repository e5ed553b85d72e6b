use axum::Json;
use axum::extract::Path;
use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::caller::Caller;
use super::params::Params;
use crate::access::Permission;
use crate::story::staff::{SEGMENTS, Segment};

pub(super) async fn list(caller: Caller, params: Params) -> Answer<Value> {
    caller.needs(Permission::ReadUsersCompanies)?;
    let mut segments: Vec<Value> = SEGMENTS
        .iter()
        .map(|segment| segment_body(segment, caller.app.epoch))
        .collect();
    if params.flag("include_count") {
        for segment in &mut segments {
            segment["count"] = json!(null);
        }
    }
    Ok(Json(
        json!({ "type": "segment.list", "segments": segments }),
    ))
}

pub(super) async fn retrieve(caller: Caller, Path(id): Path<String>) -> Answer<Value> {
    caller.needs(Permission::ReadUsersCompanies)?;
    let segment = SEGMENTS.iter().find(|segment| segment.id() == id);
    let unknown = || ApiError::not_found("Resource Not Found");
    Ok(Json(segment_body(
        segment.ok_or_else(unknown)?,
        caller.app.epoch,
    )))
}

pub(super) fn segment_body(segment: &Segment, epoch: i64) -> Value {
    json!({
        "type": "segment",
        "id": segment.id(),
        "name": segment.name,
        "created_at": epoch - 700 * 86_400,
        "updated_at": epoch - 10 * 86_400,
        "person_type": segment.person_type,
    })
}
