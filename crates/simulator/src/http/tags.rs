use axum::Json;
use axum::extract::Path;
use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::caller::Caller;
use crate::access::Permission;
use crate::story::escape_html;
use crate::story::staff::{TAGS, Tag, tag_by_id};

pub(super) async fn list(caller: Caller) -> Answer<Value> {
    caller.needs(Permission::ReadTags)?;
    let tags: Vec<Value> = TAGS.iter().map(tag_body).collect();
    Ok(Json(json!({ "type": "list", "data": tags })))
}

pub(super) async fn retrieve(caller: Caller, Path(id): Path<String>) -> Answer<Value> {
    caller.needs(Permission::ReadTags)?;
    let tag = id.parse().ok().and_then(tag_by_id);
    Ok(Json(tag_body(tag.ok_or_else(|| {
        ApiError::not_found("Resource Not Found")
    })?)))
}

pub(super) fn tag_body(tag: &Tag) -> Value {
    json!({ "type": "tag", "id": tag.id.to_string(), "name": escape_html(tag.name) })
}
