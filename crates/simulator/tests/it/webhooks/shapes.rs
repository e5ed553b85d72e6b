//! Payloads have the keys and the kinds of values that samples of Intercom's have.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::story::everything;

/// Where designs lie that are no part of the product, if they are there.
fn samples() -> Option<PathBuf> {
    let given = std::env::var_os("HARKEN_REFERENCE_DIR").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = given
        .unwrap_or_else(beside)
        .join("intercom/webhook-samples");
    folder.is_dir().then_some(folder)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "flag",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// Names its own keys, or is one thing in one workspace and another in the next.
const FREE: &[&str] = &["custom_attributes", "company", "ai_agent", "plan"];

/// Where `ours` differs in shape from `theirs`. Null fits everything.
fn differences(path: &str, ours: &Value, theirs: &Value, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(our_fields), Value::Object(their_fields)) => {
            let keys = |fields: &serde_json::Map<String, Value>| {
                fields.keys().cloned().collect::<BTreeSet<_>>()
            };
            let (ours, theirs) = (keys(our_fields), keys(their_fields));
            for extra in ours.difference(&theirs) {
                found.push(format!("{path}.{extra} is not there"));
            }
            for missing in theirs.difference(&ours) {
                found.push(format!("{path}.{missing} is missing"));
            }
            for key in ours.intersection(&theirs) {
                if !FREE.contains(&key.as_str()) {
                    let path = format!("{path}.{key}");
                    differences(&path, &our_fields[key], &their_fields[key], found);
                }
            }
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            if let (Some(ours), Some(theirs)) = (ours.first(), theirs.first()) {
                differences(&format!("{path}[]"), ours, theirs, found);
            }
        }
        _ if kind(ours) != kind(theirs) => {
            found.push(format!("{path}: {} for {}", kind(ours), kind(theirs)));
        }
        _ => {}
    }
}

/// What holds in every sample of a version, checked where the samples are away too.
fn check_version(topic: &str, body: &Value, version: &str) {
    let item = &body["data"]["item"];
    for stamp in ["created_at", "first_sent_at", "delivery_attempts"] {
        assert!(body[stamp].is_i64(), "{topic} {stamp}");
    }
    if item["statistics"].is_object() {
        let at = &item["statistics"]["first_contact_reply_at"];
        let old = version == "2.14";
        assert!(at.is_null() || at.is_string() == old, "{topic} {at}");
        let nobody = &item["team_assignee_id"];
        assert!(!nobody.is_null() || old, "{topic} {nobody}");
        let priority = item["priority"].as_str().unwrap();
        assert_eq!(priority.ends_with("priority"), old, "{topic} {priority}");
        let body = item["source"]["body"].as_str().unwrap();
        assert_eq!(body.starts_with("<p>"), old, "{topic} {body}");
        let parts = &item["conversation_parts"];
        let count = parts["conversation_parts"].as_array().unwrap().len();
        assert_eq!(parts["total_count"], count);
        assert!(count <= 1);
    }
    if item["type"] == "contact" && item["role"].is_string() {
        let at = item["updated_at"].as_str().unwrap();
        assert!(at.ends_with("+00:00"), "{topic} {at}");
    }
    if topic.ends_with(".deleted") && topic != "contact.user.tag.deleted" {
        assert!(item.as_object().unwrap().len() <= 4, "{topic} {item}");
    }
}

#[tokio::test]
async fn every_topic_is_shaped_like_its_samples() {
    let samples = samples();
    let mut found = Vec::new();
    for (version, ending) in [("2.16", ".json"), ("2.14", ".v2_14.json")] {
        let (_told, by_topic) = everything(version).await;
        for (topic, notifications) in &by_topic {
            for one in notifications {
                check_version(topic, &one.body, version);
            }
            let Some(samples) = &samples else {
                continue;
            };
            let names = [
                format!("{topic}{ending}"),
                format!("{topic}.json"),
                format!("{topic}.v2_14.json"),
            ];
            let conversation = topic.starts_with("conversation");
            let names = if conversation && topic != "conversation.contact.attached" {
                &names[..1]
            } else {
                &names[..]
            };
            let file = names.iter().map(|name| samples.join(name));
            let Some(file) = file.into_iter().find(|file| file.is_file()) else {
                println!("no sample of {topic} in {version}");
                continue;
            };
            let sample: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
            for one in notifications {
                differences(
                    &format!("{version} {topic}"),
                    &one.body,
                    &sample,
                    &mut found,
                );
            }
        }
    }
    if samples.is_none() {
        println!("skipped the comparison: no samples (set HARKEN_REFERENCE_DIR)");
    }
    found.dedup();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
