use serde_json::{Value, json};

use super::iso_zulu;
use crate::http::{ConversationBody, Version};
use crate::story::Conversation;
use crate::world::View;

/// A conversation with the part that is the reason for telling it, by index.
pub(crate) fn conversation(
    view: &View<'_>,
    conversation: &Conversation<'_>,
    version: Version,
    part: Option<u64>,
) -> Value {
    let body = ConversationBody::notified(view, conversation, version, part);
    let mut item = json!(body);
    if item["title"].is_null() {
        item["title"] = json!("");
    }
    let teammate = item.pointer_mut("/conversation_rating/teammate/id");
    if let Some(id) = teammate {
        // A number here, though the REST API writes a string.
        *id = json!(id.as_str().and_then(|id| id.parse::<u64>().ok()));
    }
    if version < Version::V2_15 {
        age(&mut item);
    }
    item
}

/// Writes a conversation as it was written up to 2.14.
fn age(item: &mut Value) {
    for tag in item["tags"]["tags"].as_array_mut().into_iter().flatten() {
        if let Some(tag) = tag.as_object_mut() {
            tag.retain(|name, _| !name.starts_with("applied_"));
        }
    }
    if let Some(statistics) = item["statistics"].as_object_mut() {
        statistics.remove("adjusted_handling_time");
        for (name, value) in statistics {
            if let (true, Some(at)) = (name.ends_with("_at"), value.as_i64()) {
                *value = json!(iso_zulu(at));
            }
        }
    }
}

pub(crate) fn deleted_conversation(id: &str) -> Value {
    json!({ "type": "conversation", "conversation_id": id })
}
