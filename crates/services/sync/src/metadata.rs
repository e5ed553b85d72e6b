//! Custom attributes as they travel: JSON on our side, `google.protobuf.Struct` on the wire.

use prost_types::{ListValue, Struct, Value as Wire, value::Kind};
use serde_json::{Map, Value};

/// Attributes by name.
pub(crate) fn to_wire(attributes: Map<String, Value>) -> Struct {
    Struct {
        fields: attributes
            .into_iter()
            .map(|(name, value)| (name, wire(value)))
            .collect(),
    }
}

fn wire(value: Value) -> Wire {
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(yes) => Kind::BoolValue(yes),
        // The wire knows one kind of number; whole ones beyond 2^53 keep their digits as text.
        Value::Number(number) => match number.as_f64() {
            Some(float) if is_exact(&number) => Kind::NumberValue(float),
            _ => Kind::StringValue(number.to_string()),
        },
        Value::String(text) => Kind::StringValue(text),
        Value::Array(items) => Kind::ListValue(ListValue {
            values: items.into_iter().map(wire).collect(),
        }),
        Value::Object(map) => Kind::StructValue(to_wire(map)),
    };
    Wire { kind: Some(kind) }
}

fn is_exact(number: &serde_json::Number) -> bool {
    const LARGEST: u64 = 1 << 53;
    let size = number
        .as_u64()
        .or_else(|| number.as_i64().map(i64::unsigned_abs));
    size.is_none_or(|size| size <= LARGEST)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_attribute_travels() {
        let Value::Object(map) = json!({
            "n": null, "b": true, "i": 12, "f": 1.5, "big": 9_007_199_254_740_993_i64, "t": "x", "l": [1, {"k": "v"}],
        }) else {
            unreachable!()
        };
        let wire = to_wire(map);
        let kind = |name: &str| wire.fields[name].kind.clone().unwrap();
        assert_eq!(kind("n"), Kind::NullValue(0));
        assert_eq!(kind("b"), Kind::BoolValue(true));
        assert_eq!(kind("i"), Kind::NumberValue(12.0));
        assert_eq!(
            kind("big"),
            Kind::StringValue("9007199254740993".to_owned())
        );
        let Kind::ListValue(list) = kind("l") else {
            panic!("a list was expected")
        };
        assert_eq!(list.values.len(), 2);
    }
}
