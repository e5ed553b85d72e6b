//! What Intercom says beside what the models read.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor, value::StrDeserializer},
};
use serde_json::{Value, value::RawValue};

use crate::text;

/// Room that is made when the first field is kept; most objects keep several.
const AT_FIRST_BYTES: usize = 512;

/// The fields of an object that its model does not read, as a JSON object: nothing is lost when Intercom adds fields.
///
/// Fields that say nothing (null, empty text, list or object) are not kept, nor is `type`, which the model is. What does not
/// fit into the model's limit, or what no store could take, is left out and named under `_cut`. Not printed.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Extra {
    /// The object but for its end.
    members: String,
    /// Names of what was left out, as JSON, without the brackets.
    cut: String,
}

impl Extra {
    /// Most bytes of names that are kept of what was left out.
    const MOST_CUT: usize = 1024;

    /// The object as JSON; none if there is nothing to tell.
    pub fn into_json(mut self) -> Option<String> {
        if !self.cut.is_empty() {
            self.begin_member("_cut");
            self.members.push('[');
            self.members.push_str(&self.cut);
            self.members.push(']');
        }
        if self.members.is_empty() {
            return None;
        }
        self.members.push('}');
        Some(self.members)
    }

    /// Bytes that it takes in memory, about.
    pub const fn size_bytes(&self) -> usize {
        self.members.len() + self.cut.len()
    }

    /// Takes in an object's own fields under its name.
    pub(crate) fn adopt(&mut self, name: &str, inner: Self, most_bytes: usize) {
        if let Some(json) = inner.into_json() {
            self.add(name, &json, most_bytes);
        }
    }

    fn take(&mut self, name: &str, raw: &RawValue, most_bytes: usize) {
        let json = raw.get();
        if name == "type" || matches!(json, "null" | "\"\"" | "[]" | "{}") {
            return;
        }
        if is_plain(json) {
            self.add(name, json, most_bytes);
        } else {
            match storable(json) {
                Some(json) => self.add(name, &json, most_bytes),
                None => self.leave_out(name),
            }
        }
    }

    fn add(&mut self, name: &str, json: &str, most_bytes: usize) {
        if self.members.len() + name.len() + json.len() + 4 > most_bytes {
            return self.leave_out(name);
        }
        if self.members.is_empty() {
            self.members
                .reserve(AT_FIRST_BYTES.max(name.len() + json.len() + 8));
        }
        self.begin_member(name);
        self.members.push_str(json);
    }

    fn begin_member(&mut self, name: &str) {
        let before = if self.members.is_empty() { '{' } else { ',' };
        self.members.push(before);
        push_name(&mut self.members, name);
        self.members.push(':');
    }

    fn leave_out(&mut self, name: &str) {
        if self.cut.len() + name.len() < Self::MOST_CUT {
            if !self.cut.is_empty() {
                self.cut.push(',');
            }
            push_name(&mut self.cut, name);
        }
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Extra({} bytes)", self.size_bytes())
    }
}

fn push_name(to: &mut String, name: &str) {
    let is_plain =
        |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && byte != b'"' && byte != b'\\';
    if name.bytes().all(is_plain) {
        to.push('"');
        to.push_str(name);
        to.push('"');
    } else {
        to.push_str(&Value::from(text::without_nul(name).as_ref()).to_string());
    }
}

/// Whether JSON can be stored as it stands, told by one look over its bytes: no escapes by number (among them are characters
/// that no store takes), no numbers with an exponent, and no deep nest.
fn is_plain(json: &str) -> bool {
    const DEEPEST: u32 = 32;
    let (mut depth, mut in_text, mut escaped, mut before) = (0_u32, false, false, 0_u8);
    for byte in json.bytes() {
        if in_text {
            match byte {
                b'u' if escaped => return false,
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'e' | b'E' if before.is_ascii_digit() => return false,
            _ => {}
        }
        before = byte;
        if depth > DEEPEST {
            return false;
        }
    }
    true
}

/// The same value in a form that a store takes; none if there is none.
fn storable(json: &str) -> Option<String> {
    let value: Value = serde_json::from_str(json).ok()?;
    let mut wrapped = serde_json::Map::new();
    wrapped.insert(String::new(), value);
    let mut wrapped = text::map_without_nul(wrapped);
    wrapped.remove("").map(|value| value.to_string())
}

/// Reads an object by its model, and what the model does not read into `extra`, which takes at most `most_bytes`. The object
/// has to lie in memory as text, from which what is kept is copied at once.
///
/// A derived model tells which fields it reads; only what is none of them is looked at here, so it costs the others nothing.
pub(crate) struct Keeping<'x, D> {
    pub(crate) from: D,
    pub(crate) extra: &'x mut Extra,
    pub(crate) most_bytes: usize,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Keeping<'_, D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = KeepingVisitor {
            visitor,
            fields,
            extra: self.extra,
            most_bytes: self.most_bytes,
        };
        self.from.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.from.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct KeepingVisitor<'x, V> {
    visitor: V,
    fields: &'static [&'static str],
    extra: &'x mut Extra,
    most_bytes: usize,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for KeepingVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_seq(seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(KeepingMap {
            map,
            fields: self.fields,
            extra: self.extra,
            most_bytes: self.most_bytes,
        })
    }
}

struct KeepingMap<'x, A> {
    map: A,
    fields: &'static [&'static str],
    extra: &'x mut Extra,
    most_bytes: usize,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for KeepingMap<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(Name(name)) = self.map.next_key()? {
            if self.fields.contains(&name.as_ref()) {
                return seed.deserialize(StrDeserializer::new(&name)).map(Some);
            }
            let raw: &RawValue = self.map.next_value()?;
            self.extra.take(&name, raw, self.most_bytes);
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// A name, borrowed where it can be.
struct Name<'de>(std::borrow::Cow<'de, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(name.into()))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(name.to_owned().into()))
            }
        }
        from.deserialize_str(NameVisitor)
    }
}

/// Has a model that is derived with `#[serde(remote = "Self")]` keep what it does not read in its field `extra`.
macro_rules! keeps_extra {
    ($model:ty, $most_bytes:expr) => {
        impl<'de> serde::Deserialize<'de> for $model {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let mut extra = $crate::models::Extra::default();
                // The inherent function that the derive made.
                let mut model = Self::deserialize($crate::extra::Keeping {
                    from,
                    extra: &mut extra,
                    most_bytes: $most_bytes,
                })?;
                model.extra = extra;
                Ok(model)
            }
        }
    };
}
pub(crate) use keeps_extra;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Default, Deserialize)]
    #[serde(default, remote = "Self")]
    struct Small {
        known: Option<u32>,
        #[serde(skip)]
        extra: Extra,
    }
    keeps_extra!(Small, 64);

    fn read(json: &str) -> Small {
        serde_json::from_str(json).unwrap()
    }

    fn kept(json: &str) -> Value {
        let kept = read(json).extra.into_json();
        kept.map_or(Value::Null, |kept| kept.parse().unwrap())
    }

    #[test]
    fn what_is_not_known_is_kept_and_what_is_known_is_read() {
        let small =
            read(r#"{"new": {"a": [1, "é"]}, "known": 7, "type": "x", "b": null, "c": {}}"#);
        assert_eq!(small.known, Some(7));
        assert_eq!(
            small.extra.clone().into_json().unwrap(),
            r#"{"new":{"a": [1, "é"]}}"#
        );
        assert_eq!(kept(r#"{"known": 7}"#), Value::Null);
        assert!(!format!("{:?}", small.extra).contains("new"));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let long = "x".repeat(80);
        let told = kept(&format!(r#"{{"long": "{long}", "short": 1}}"#));
        assert_eq!(told, json!({"short": 1, "_cut": ["long"]}));
    }

    #[test]
    fn what_no_store_takes_is_mended_or_left_out() {
        assert_eq!(kept(r#"{"a": "x\u0000y"}"#), json!({"a": "xy"}));
        assert_eq!(kept(r#"{"a": "\u00e9"}"#), json!({"a": "é"}));
        assert_eq!(kept(r#"{"a": "\ud800"}"#), json!({"_cut": ["a"]}));
        assert_eq!(kept(r#"{"a": 1e999999}"#), json!({"_cut": ["a"]}));
        assert_eq!(kept(r#"{"a": 1e3}"#), json!({"a": 1000.0}));
        let deep = format!(r#"{{"a": {}{}}}"#, "[".repeat(20_000), "]".repeat(20_000));
        assert_eq!(kept(&deep), json!({"_cut": ["a"]}));
        assert_eq!(kept(r#"{"a\u0000b": 1}"#), json!({"ab": 1}));
    }

    proptest! {
        #[test]
        fn any_object_is_read_and_told_as_json(
            object in prop::collection::btree_map(".{0,6}", ".{0,12}", 0..8),
        ) {
            let json = serde_json::to_string(&object).unwrap();
            let small = serde_json::from_str::<Small>(&json);
            // `known` is no number here.
            prop_assume!(!object.contains_key("known"));
            if let Some(told) = small.unwrap().extra.into_json() {
                prop_assert!(told.parse::<Value>().is_ok(), "{told}");
                prop_assert!(!told.contains("\\u0000"));
            }
        }
    }
}
