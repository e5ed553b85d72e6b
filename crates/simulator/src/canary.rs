//! A word in every text that people write or that tells who they are, so that it can be found wherever it should not be.

use std::sync::{PoisonError, RwLock};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::Next;
use axum::response::Response;
use chrono::DateTime;
use serde_json::{Map, Value, json};

use crate::app::Shared;

/// The word, where one was given.
#[derive(Debug, Default)]
pub(crate) struct Canary(RwLock<Option<String>>);

/// Names of fields whose text is neither: ids of Intercom's making, states and kinds, places in lists.
const STRUCTURE: &[&str] = &[
    "admin_ids",
    "data_type",
    "delivered_as",
    "id",
    "model",
    "next",
    "part_type",
    "person_type",
    "priority",
    "role",
    "scroll_param",
    "starting_after",
    "state",
    "team_ids",
    "type",
];
/// Texts that are there or not; both is right.
const MAY_BE_MISSING: &[&str] = &["avatar", "external_id", "name", "phone", "subject", "title"];

impl Canary {
    /// Puts the word into every text from now on, or into none.
    pub(crate) fn set(&self, word: Option<String>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = word;
    }

    fn word(&self) -> Option<String> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The same JSON with the word in it.
    pub(crate) fn planted(&self, json: Vec<u8>) -> Vec<u8> {
        let Some(word) = self.word() else {
            return json;
        };
        match serde_json::from_slice(&json) {
            Ok(mut value) => {
                plant(&mut value, &word);
                value.to_string().into_bytes()
            }
            Err(_) => json,
        }
    }
}

/// Puts the word into what the API answers, but for `/me`, which is about the workspace.
pub(crate) async fn plant_in_answers(
    State(app): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let is_about_workspace = request.uri().path() == "/me";
    let answer = next.run(request).await;
    if is_about_workspace || !answer.status().is_success() || app.canary.word().is_none() {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(head, Body::from(app.canary.planted(body.to_vec())))
}

fn plant(value: &mut Value, word: &str) {
    match value {
        Value::Array(members) => members.iter_mut().for_each(|member| plant(member, word)),
        Value::Object(fields) => {
            let kind = fields.get("type").and_then(Value::as_str);
            let kind = kind.unwrap_or_default().to_owned();
            let is_routing = matches!(kind.as_str(), "tag" | "team");
            let is_list = kind.rsplit('.').next() == Some("list");
            for (name, value) in fields.iter_mut() {
                if !(is_routing && name == "name") {
                    plant_field(name, value, word);
                }
            }
            if !is_list && !is_routing && !kind.is_empty() {
                // What Intercom may add one day.
                fields.insert("unheard_of".to_owned(), said(word));
            }
        }
        _ => {}
    }
}

fn plant_field(name: &str, value: &mut Value, word: &str) {
    let is_id = name.ends_with("_id") && !matches!(name, "external_id" | "company_id");
    match value {
        Value::Object(fields) if name == "custom_attributes" => plant_attributes(fields, word),
        _ if STRUCTURE.contains(&name) || is_id => {
            if value.is_object() || value.is_array() && name != "team_ids" && name != "admin_ids" {
                plant(value, word);
            }
        }
        Value::String(text) if DateTime::parse_from_rfc3339(text).is_ok() => {}
        Value::String(_) if name == "email" => *value = json!(format!("{word}@people.example")),
        // No content is something else than content.
        Value::String(text) if text.is_empty() && name == "body" => {}
        Value::String(_) => *value = said(word),
        Value::Null if MAY_BE_MISSING.contains(&name) => *value = said(word),
        Value::Array(members) if members.iter().any(Value::is_string) => {
            *value = json!([said(word)]);
        }
        value => plant(value, word),
    }
}

fn plant_attributes(fields: &mut Map<String, Value>, word: &str) {
    for (_, value) in fields.iter_mut().filter(|(_, value)| value.is_string()) {
        *value = said(word);
    }
    fields.insert(format!("{word} attribute"), said(word));
}

/// The word in a text that every way of escaping writes differently.
fn said(word: &str) -> Value {
    json!(format!("{word} <b>\"said & done\"</b> \u{fc}ber {word}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_change_and_structure_stays() {
        let canary = Canary::default();
        let before = json!({
            "type": "contact", "id": "5ba6", "role": "user", "email": "a@b.example", "name": null, "external_id": "7",
            "created_at": "2026-07-29T10:30:00.465+00:00", "custom_attributes": {"plan": "pro", "seats": 3},
            "tags": {"type": "list", "data": [{"type": "tag", "id": "1", "name": "vip"}]},
            "companies": {"type": "list", "data": [{"type": "company", "id": "c1", "name": "Acme", "company_id": "9"}]},
            "source": {"type": "conversation", "id": "1", "body": "<p>Hi</p>", "attachments": [{"type": "upload", "name": "a"}]},
        });
        let bytes = before.to_string().into_bytes();
        assert_eq!(canary.planted(bytes.clone()), bytes);
        canary.set(Some("zq".to_owned()));
        let after: Value = serde_json::from_slice(&canary.planted(bytes)).unwrap();
        for pointer in [
            "/id",
            "/type",
            "/role",
            "/created_at",
            "/tags/data/0",
            "/custom_attributes/seats",
        ] {
            assert_eq!(after.pointer(pointer), before.pointer(pointer), "{pointer}");
        }
        for pointer in [
            "/name",
            "/external_id",
            "/custom_attributes/plan",
            "/custom_attributes/zq attribute",
            "/companies/data/0/name",
            "/companies/data/0/company_id",
            "/source/body",
            "/source/attachments/0/name",
            "/unheard_of",
        ] {
            let text = after.pointer(pointer).and_then(Value::as_str).unwrap_or("");
            assert!(text.contains("zq"), "{pointer}: {text}");
        }
        assert_eq!(after["email"], "zq@people.example");
    }
}
