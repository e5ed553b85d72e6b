use axum::Json;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::caller::Caller;
use super::params::Params;
use super::version::Version;
use crate::access::Permission;
use crate::story::staff::ADMINS;

/// Model, name, label, type, made by the workspace.
const ATTRIBUTES: &[(&str, &str, &str, &str, bool)] = &[
    ("contact", "name", "Name", "string", false),
    ("contact", "email", "Email", "string", false),
    ("contact", "last_seen_at", "Last seen", "date", false),
    ("contact", "plan_tier", "Plan tier", "string", true),
    ("contact", "seats", "Seats", "integer", true),
    ("contact", "Job title", "Job title", "string", true),
    ("contact", "renewal_date", "Renewal date", "date", true),
    ("contact", "onboarded", "Onboarded", "boolean", true),
    ("company", "name", "Company name", "string", false),
    ("company", "company_id", "Company ID", "string", false),
    ("company", "region", "Region", "string", true),
];

/// Name, type, description.
const CONVERSATION_ATTRIBUTES: &[(&str, &str, &str)] = &[
    ("Topic", "string", "What the conversation is about"),
    ("Has attachments", "boolean", ""),
    ("Copilot used", "boolean", ""),
    ("severity", "list", "How bad it is"),
    (
        "affected_service",
        "string",
        "Which of our services is affected",
    ),
    ("analysis_url", "string", "Where the analysis can be read"),
];

const OPTIONS: [&str; 5] = ["critical", "high", "medium", "low", "info"];

pub(super) async fn list_data(caller: Caller, params: Params) -> Answer<Value> {
    caller.needs(Permission::ReadUsersCompanies)?;
    let model = params.text("model");
    if model == Some("conversation") {
        return list_old_conversation(&caller);
    }
    let epoch = caller.app.epoch;
    let fits = |(_, row): &(i64, &(&str, _, _, _, _))| model.is_none_or(|model| model == row.0);
    let data: Vec<Value> = (1..)
        .zip(ATTRIBUTES)
        .filter(fits)
        .map(|(id, row)| attribute(id, *row, epoch))
        .collect();
    Ok(Json(json!({ "type": "list", "data": data })))
}

fn attribute(
    id: i64,
    (model, name, label, data_type, custom): (&str, &str, &str, &str, bool),
    epoch: i64,
) -> Value {
    let full_name = if custom {
        format!("custom_attributes.{name}")
    } else {
        name.to_owned()
    };
    let mut body = json!({
        "type": "data_attribute",
        "name": name,
        "full_name": full_name,
        "label": label,
        "description": "",
        "data_type": data_type,
        "api_writable": true,
        "ui_writable": custom,
        "messenger_writable": false,
        "custom": custom,
        "archived": false,
        "model": model,
    });
    if custom {
        body["id"] = json!(12_870_000 + id);
        body["created_at"] = json!(epoch - 600 * 86_400);
        body["updated_at"] = json!(epoch - 400 * 86_400);
        body["admin_id"] = json!(ADMINS[0].id.to_string());
    }
    body
}

/// Up to 2.15 conversation attributes are listed here; after that elsewhere.
fn list_old_conversation(caller: &Caller) -> Answer<Value> {
    if caller.version >= Version::V2_16 {
        let message =
            "model=conversation is no longer supported. Use GET /conversations/attributes instead";
        return Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "parameter_invalid",
            message,
        ));
    }
    let epoch = caller.app.epoch;
    let data: Vec<Value> = (100..)
        .zip(CONVERSATION_ATTRIBUTES)
        .map(|(id, (name, _, _))| {
            attribute(id, ("conversation", name, name, "string", true), epoch)
        })
        .collect();
    Ok(Json(json!({ "type": "list", "data": data })))
}

pub(super) async fn list_conversation(caller: Caller) -> Answer<Value> {
    caller.needs(Permission::ReadConversations)?;
    if caller.version < Version::V2_16 {
        return Err(not_in_this_version());
    }
    let epoch = caller.app.epoch;
    let data: Vec<Value> = (1..)
        .zip(CONVERSATION_ATTRIBUTES)
        .map(|(id, (name, data_type, description))| {
            let mut body = json!({
                "type": "conversation_attribute",
                "id": id,
                "name": name,
                "description": description,
                "data_type": data_type,
                "required": false,
                "visible_to_team_ids": [],
                "archived": false,
                "created_at": epoch - 600 * 86_400,
                "updated_at": epoch - 400 * 86_400,
                "admin_id": ADMINS[0].id.to_string(),
            });
            match *data_type {
                "string" => body["multiline"] = json!(false),
                "list" => body["options"] = (0..).zip(OPTIONS).map(option).collect(),
                _ => {}
            }
            body
        })
        .collect();
    Ok(Json(json!({ "type": "list", "data": data })))
}

fn option((index, label): (u64, &str)) -> Value {
    let id = format!("a1b2c3d4-e5f6-4890-abcd-ef12345678{index:02}");
    json!({ "id": id, "label": label, "archived": false })
}

/// Asked for in a version older than the resource.
pub(super) fn not_in_this_version() -> ApiError {
    let message = "Requested resource is not available in current API version.";
    ApiError::new(StatusCode::BAD_REQUEST, "intercom_version_invalid", message)
}
