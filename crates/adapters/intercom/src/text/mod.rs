//! Text as people read it: without markup, entities and characters that no store takes.

mod entities;
mod html;

use std::borrow::Cow;

use serde_json::{Map, Value};

pub(crate) use entities::unescape;
pub use html::plain;

/// The text without NUL, which Postgres refuses.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        text.replace('\0', "").into()
    } else {
        text.into()
    }
}

pub(crate) fn map_without_nul(map: Map<String, Value>) -> Map<String, Value> {
    map.into_iter()
        .map(|(key, value)| (without_nul(&key).into_owned(), value_without_nul(value)))
        .collect()
}

fn value_without_nul(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains('\0') => Value::String(text.replace('\0', "")),
        Value::Array(items) => items.into_iter().map(value_without_nul).collect(),
        Value::Object(map) => Value::Object(map_without_nul(map)),
        other => other,
    }
}
