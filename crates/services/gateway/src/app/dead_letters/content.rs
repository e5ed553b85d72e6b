//! What a dead message carries, as JSON for people. Never logged.

use std::sync::LazyLock;

use harken_contracts::FILE_DESCRIPTOR_SET;
use harken_contracts::events::Event as _;
use harken_contracts::wire::events::v1::{
    ConnectionClosed, ConnectionOpened, RecordChanged, RunEnded, RunProgressed, ScoreChanged,
    WebhookReceived,
};
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use serde_json::Value;

static CONTRACTS: LazyLock<Option<DescriptorPool>> =
    LazyLock::new(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).ok());

const TYPES: [(&str, &str); 7] = [
    (WebhookReceived::TYPE, "WebhookReceived"),
    (RecordChanged::TYPE, "RecordChanged"),
    (ScoreChanged::TYPE, "ScoreChanged"),
    (ConnectionOpened::TYPE, "ConnectionOpened"),
    (ConnectionClosed::TYPE, "ConnectionClosed"),
    (RunProgressed::TYPE, "RunProgressed"),
    (RunEnded::TYPE, "RunEnded"),
];

/// The message in the fields of its contract; empty where its type is not known or its bytes are none of it.
pub(super) fn json(event_type: &str, payload: &[u8]) -> String {
    let Some(mut value) = decoded(event_type, payload) else {
        return String::new();
    };
    if event_type == WebhookReceived::TYPE {
        put_body(&mut value, payload);
    }
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

fn decoded(event_type: &str, payload: &[u8]) -> Option<Value> {
    let (_, name) = TYPES.iter().find(|(known, _)| *known == event_type)?;
    let name = format!("harken.events.v1.{name}");
    let shape = CONTRACTS.as_ref()?.get_message_by_name(&name)?;
    let message = DynamicMessage::decode(shape, payload).ok()?;
    let options = SerializeOptions::new()
        .use_proto_field_name(true)
        .stringify_64_bit_integers(false);
    message
        .serialize_with_options(serde_json::value::Serializer, &options)
        .ok()
}

/// A notification is JSON inside: shown as such, or as text where it is broken.
fn put_body(value: &mut Value, payload: &[u8]) {
    let Ok(received) = <WebhookReceived as prost::Message>::decode(payload) else {
        return;
    };
    let body = serde_json::from_slice(&received.body)
        .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&received.body)));
    if let Some(fields) = value.as_object_mut() {
        fields.insert("body".to_owned(), body);
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    #[test]
    fn every_type_is_described() {
        for (event_type, _) in TYPES {
            assert!(decoded(event_type, &[]).is_some(), "{event_type}");
        }
    }

    #[test]
    fn a_notification_shows_what_intercom_sent() {
        let received = |body: &[u8]| WebhookReceived {
            topic: "conversation.user.replied".to_owned(),
            body: body.to_vec().into(),
            ..WebhookReceived::default()
        };
        let text = json(
            WebhookReceived::TYPE,
            &received(br#"{"id":"n1"}"#).encode_to_vec(),
        );
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["topic"], "conversation.user.replied");
        assert_eq!(value["body"]["id"], "n1");
        let text = json(WebhookReceived::TYPE, &received(b"{broken").encode_to_vec());
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["body"], "{broken");
    }

    #[test]
    fn what_cannot_be_read_is_not_shown() {
        assert_eq!(json("newer.v9.thing", b"x"), "");
        assert_eq!(json(RecordChanged::TYPE, &[0xff, 0xff]), "");
    }
}
