//! Answers as JSON, from the contracts' own description: fields as the protos name them, enums by their word.

use std::sync::LazyLock;

use chrono::{DateTime, SecondsFormat};
use harken_contracts::FILE_DESCRIPTOR_SET;
use prost::{Message, Name};
use prost_reflect::{
    DescriptorPool, DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MapKey,
    ReflectMessage as _, Value as Wire,
};
use serde_json::{Map, Value, json};

static CONTRACTS: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("a test decodes these very bytes")
});

/// A message as a JSON object with every field: what is not set is null, a time is RFC 3339, an enum is its word in
/// snake case and null when unspecified.
pub(crate) fn json<M: Message + Name>(message: &M) -> Value {
    let described = CONTRACTS
        .get_message_by_name(&M::full_name())
        .and_then(|shape| DynamicMessage::decode(shape, message.encode_to_vec().as_slice()).ok());
    described.map_or(Value::Null, |message| object(&message))
}

/// Names of a message's fields, in the order of its proto.
pub(crate) fn fields<M: Name>() -> Vec<String> {
    let shape = CONTRACTS.get_message_by_name(&M::full_name());
    let named = shape.iter().flat_map(|shape| {
        shape
            .fields()
            .map(|field| field.name().to_owned())
            .collect::<Vec<_>>()
    });
    named.collect()
}

fn object(message: &DynamicMessage) -> Value {
    match message.descriptor().full_name() {
        "google.protobuf.Timestamp" => timestamp(message),
        "google.protobuf.Struct" => message
            .get_field_by_name("fields")
            .map_or(Value::Null, |fields| anything(&fields)),
        "google.protobuf.Value" => kind_of_value(message),
        "google.protobuf.ListValue" => message
            .get_field_by_name("values")
            .map_or(Value::Null, |values| anything(&values)),
        _ => Value::Object(
            message
                .descriptor()
                .fields()
                .map(|field| (field.name().to_owned(), member(message, &field)))
                .collect(),
        ),
    }
}

fn member(message: &DynamicMessage, field: &FieldDescriptor) -> Value {
    if field.supports_presence() && !message.has_field(field) {
        return Value::Null;
    }
    let value = message.get_field(field);
    match field.kind() {
        Kind::Enum(words) if field.is_list() => value
            .as_list()
            .unwrap_or_default()
            .iter()
            .map(|one| word(&words, one))
            .collect(),
        Kind::Enum(words) => word(&words, &value),
        _ => anything(&value),
    }
}

fn anything(value: &Wire) -> Value {
    match value {
        Wire::Bool(truth) => json!(truth),
        Wire::I32(number) => json!(number),
        Wire::I64(number) => json!(number),
        Wire::U32(number) => json!(number),
        Wire::U64(number) => json!(number),
        Wire::F32(number) => json!(number),
        Wire::F64(number) => json!(number),
        Wire::String(text) => json!(text),
        Wire::Bytes(bytes) => json!(String::from_utf8_lossy(bytes)),
        Wire::EnumNumber(number) => json!(number),
        Wire::Message(message) => object(message),
        Wire::List(values) => values.iter().map(anything).collect(),
        Wire::Map(entries) => {
            let sorted: Map<String, Value> = entries
                .iter()
                .map(|(key, value)| (key_text(key), anything(value)))
                .collect();
            Value::Object(sorted)
        }
    }
}

/// `RISK_LEVEL_AT_RISK` of `RiskLevel` is `at_risk`; the zero is nothing; a word newer than this build is its number.
fn word(words: &EnumDescriptor, value: &Wire) -> Value {
    let number = value.as_enum_number().unwrap_or_default();
    if number == 0 {
        return Value::Null;
    }
    let Some(known) = words.get_value(number) else {
        return json!(number);
    };
    let zero = words.default_value();
    let prefix = zero.name().strip_suffix("UNSPECIFIED").unwrap_or_default();
    json!(
        known
            .name()
            .strip_prefix(prefix)
            .unwrap_or_else(|| known.name())
            .to_ascii_lowercase()
    )
}

fn timestamp(message: &DynamicMessage) -> Value {
    let seconds = message
        .get_field_by_name("seconds")
        .and_then(|value| value.as_i64());
    let nanos = message
        .get_field_by_name("nanos")
        .and_then(|value| value.as_i32());
    let nanos = u32::try_from(nanos.unwrap_or_default()).unwrap_or_default();
    DateTime::from_timestamp(seconds.unwrap_or_default(), nanos).map_or(Value::Null, |at| {
        json!(at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    })
}

fn kind_of_value(message: &DynamicMessage) -> Value {
    let set = message
        .fields()
        .find(|(field, _)| field.name() != "null_value");
    match set {
        Some((_, Wire::F64(number))) => number_of(*number),
        Some((_, value)) => anything(value),
        None => Value::Null,
    }
}

/// An attribute that was a whole number stays one; the wire knows only doubles.
fn number_of(number: f64) -> Value {
    const EXACT_UP_TO: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT_UP_TO {
        return format!("{number:.0}").parse().unwrap_or(Value::Null);
    }
    json!(number)
}

fn key_text(key: &MapKey) -> String {
    match key {
        MapKey::Bool(key) => key.to_string(),
        MapKey::I32(key) => key.to_string(),
        MapKey::I64(key) => key.to_string(),
        MapKey::U32(key) => key.to_string(),
        MapKey::U64(key) => key.to_string(),
        MapKey::String(key) => key.clone(),
    }
}

#[cfg(test)]
mod tests {
    use harken_contracts::wire::directory::v1::Customer;
    use harken_contracts::wire::scoring::v1::{Factor, FactorScore, Score};
    use harken_contracts::wire::types::v1::RiskLevel;
    use prost_types::{Struct, Timestamp, Value as Any, value::Kind};

    use super::*;

    #[test]
    fn the_contracts_describe_themselves() {
        assert!(CONTRACTS.get_message_by_name(&Score::full_name()).is_some());
    }

    #[test]
    fn enums_are_words_and_times_are_rfc_3339() {
        let score = Score {
            customer_id: "cus_1".to_owned(),
            points: Some(42),
            level: RiskLevel::AtRisk.into(),
            factors: vec![FactorScore {
                factor: Factor::OpenVolume.into(),
                ..FactorScore::default()
            }],
            as_of: Some(Timestamp {
                seconds: 1_790_000_000,
                nanos: 0,
            }),
            ..Score::default()
        };
        let value = json(&score);
        assert_eq!(value["level"], "at_risk");
        assert_eq!(value["points"], 42);
        assert_eq!(value["factors"][0]["factor"], "open_volume");
        assert_eq!(value["factors"][0]["value"], Value::Null);
        assert_eq!(value["as_of"], "2026-09-21T14:13:20Z");
        assert_eq!(value["email"], Value::Null);
    }

    #[test]
    fn what_is_not_applicable_is_null_and_what_is_newer_a_number() {
        assert_eq!(json(&Score::default())["level"], Value::Null);
        assert_eq!(
            json(&Score {
                level: 99,
                ..Score::default()
            })["level"],
            99
        );
    }

    #[test]
    fn attributes_keep_their_json_form() {
        let any = |kind| Any { kind: Some(kind) };
        let fields = [
            ("plan".to_owned(), any(Kind::StringValue("pro".to_owned()))),
            ("seats".to_owned(), any(Kind::NumberValue(3.0))),
            ("gone".to_owned(), any(Kind::NullValue(0))),
        ];
        let customer = Customer {
            metadata: Some(Struct {
                fields: fields.into_iter().collect(),
            }),
            ..Customer::default()
        };
        let value = json(&customer);
        assert_eq!(
            value["metadata"],
            json!({"plan": "pro", "seats": 3, "gone": null})
        );
        assert_eq!(value["tags"], json!([]));
    }
}
