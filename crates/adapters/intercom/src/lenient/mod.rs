//! Reads what Intercom means, whatever form it chose. No field of a kind that was not expected makes an object unreadable.

mod visitors;

use chrono::{DateTime, Utc};
use harken_domain::ConversationStatus;
use serde::{Deserialize, Deserializer, Serializer};
use serde_json::{Map, Value};

use self::visitors::{ListVisitor, Maybe, MeaningVisitor, Scalar, ScalarVisitor};
use crate::text;

fn scalar<'de, D: Deserializer<'de>>(from: D) -> Result<Scalar, D::Error> {
    from.deserialize_any(ScalarVisitor)
}

/// A moment as Unix seconds, with or without a fraction, or as ISO 8601; zero and everything else is none.
pub(crate) fn moment<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<DateTime<Utc>>, D::Error> {
    Ok(match scalar(from)? {
        Scalar::Int(secs) => moment_of_secs(secs),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a cast from float saturates"
        )]
        Scalar::Float(secs) => moment_of_secs(secs.floor() as i64),
        Scalar::Text(text) => match text.parse::<i64>() {
            Ok(secs) => moment_of_secs(secs),
            Err(_) => DateTime::parse_from_rfc3339(&text)
                .ok()
                .map(|at| at.to_utc())
                .filter(|at| is_in_calendar(*at)),
        },
        Scalar::Nothing | Scalar::Bool(_) => None,
    })
}

fn moment_of_secs(secs: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(secs, 0).filter(|at| secs != 0 && is_in_calendar(*at))
}

/// What every store and wire of ours can hold.
fn is_in_calendar(at: DateTime<Utc>) -> bool {
    use chrono::Datelike as _;
    (1..=9999).contains(&at.year())
}

/// An id given as text or as number; empty if there is none.
pub(crate) fn id<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match scalar(from)? {
        Scalar::Text(text) => text,
        Scalar::Int(number) => number.to_string(),
        _ => String::new(),
    })
}

/// An id where `0`, `"0"`, an empty text and null all mean nobody.
pub(crate) fn somebody<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Some(id(from)?).filter(|id| !id.is_empty() && id != "0"))
}

/// Text as it is; blank text and everything that is no text is none.
pub(crate) fn words<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match scalar(from)? {
        Scalar::Text(text) if !text.trim().is_empty() => Some(text),
        _ => None,
    })
}

/// Text that Intercom escapes for HTML (names, addresses), unescaped once.
pub(crate) fn escaped_words<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<String>, D::Error> {
    Ok(words(from)?.map(|escaped| text::unescape(&escaped).into_owned()))
}

/// Whether there is text that is not blank. The text itself is not kept.
pub(crate) fn presence<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    read(from, |text| {
        text.chars().any(|c| c != '\0' && !c.is_whitespace())
    })
}

/// Text as Intercom escapes it for HTML, so that it is read as it was.
#[expect(clippy::ref_option, reason = "the form that serde asks for")]
pub(crate) fn escape_words<S: Serializer>(text: &Option<String>, to: S) -> Result<S::Ok, S::Error> {
    match text {
        Some(text) => to.serialize_str(&text.replace('&', "&amp;")),
        None => to.serialize_none(),
    }
}

/// An id or a word that a machine made: letters, digits and what joins them, neither a sentence nor an address. Empty if it
/// is anything else.
pub(crate) fn code<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match scalar(from)? {
        Scalar::Text(text) if is_code(&text) => text,
        Scalar::Int(number) => number.to_string(),
        _ => String::new(),
    })
}

/// The same where `0` and an empty text mean nobody.
pub(crate) fn code_of_somebody<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<String>, D::Error> {
    Ok(Some(code(from)?).filter(|id| !id.is_empty() && id != "0"))
}

/// Whether a text is an id or a word that a machine made.
pub(crate) fn is_code(text: &str) -> bool {
    const LONGEST: usize = 128;
    text.len() <= LONGEST
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:+".contains(&byte))
}

/// A word of a small vocabulary; empty if there is none.
pub(crate) fn word<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(words(from)?.unwrap_or_default())
}

/// What `meaning` makes of a text; of an empty one where there is none. The text itself is not kept.
pub(crate) fn read<'de, D: Deserializer<'de>, T>(
    from: D,
    meaning: fn(&str) -> T,
) -> Result<T, D::Error> {
    from.deserialize_any(MeaningVisitor(meaning))
}

/// How a conversation stands; none where the word is missing or new.
pub(crate) fn status<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<ConversationStatus>, D::Error> {
    read(from, |word| word.parse().ok())
}

/// Yes or no; what says neither is no.
pub(crate) fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(match scalar(from)? {
        Scalar::Bool(yes) => yes,
        Scalar::Int(number) => number != 0,
        Scalar::Text(text) => text == "true",
        Scalar::Float(_) | Scalar::Nothing => false,
    })
}

/// A whole number, also as text or with a fraction.
pub(crate) fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Ok(match scalar(from)? {
        Scalar::Int(number) => Some(number),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a cast from float saturates"
        )]
        Scalar::Float(number) => Some(number.round() as i64),
        Scalar::Text(text) => text.trim().parse().ok(),
        Scalar::Bool(_) | Scalar::Nothing => None,
    })
}

/// A count: a whole number that is not negative.
pub(crate) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    Ok(whole(from)?.and_then(|number| u64::try_from(number).ok()))
}

/// A number with a fraction.
pub(crate) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    Ok(match scalar(from)? {
        #[expect(
            clippy::cast_precision_loss,
            reason = "amounts of money lie far below 2^53"
        )]
        Scalar::Int(number) => Some(number as f64),
        Scalar::Float(number) => Some(number),
        Scalar::Text(text) => text
            .trim()
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite()),
        Scalar::Bool(_) | Scalar::Nothing => None,
    })
}

/// An object; anything else is none.
pub(crate) fn object<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Maybe::deserialize(from).map(|Maybe(object)| object)
}

/// The objects of an array; what is no object is left out, and anything but an array is empty.
pub(crate) fn list<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    from.deserialize_any(ListVisitor::bare())
}

/// The objects of a list, given as an array or as an object that wraps it under whatever key.
pub(crate) fn members<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    from.deserialize_any(ListVisitor::wrapped())
}

/// Ids of an array of texts or numbers.
pub(crate) fn ids<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Array(ids) => ids
            .into_iter()
            .filter_map(|id| match id {
                Value::String(id) => Some(id),
                Value::Number(id) => Some(id.to_string()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    })
}

/// An object of the workspace's own making, without the one character that no store takes.
pub(crate) fn attributes<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Map<String, Value>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Object(map) => text::map_without_nul(map),
        _ => Map::new(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_moment_is_read_from_every_form_that_intercom_uses() {
        let expected = DateTime::from_timestamp(1_768_031_789, 0);
        for form in [
            json!(1_768_031_789),
            json!(1_768_031_789.0),
            json!("1768031789"),
            json!("2026-01-10T07:56:29Z"),
            json!("2026-01-10T07:56:29.000+00:00"),
            json!("2026-01-10T08:56:29+01:00"),
        ] {
            assert_eq!(moment(form.clone()).unwrap(), expected, "{form}");
        }
    }

    #[test]
    fn what_tells_no_moment_is_none() {
        for form in [
            json!(null),
            json!(0),
            json!(""),
            json!("soon"),
            json!({"at": 1}),
            json!([1]),
            json!(true),
            json!(i64::MAX),
            json!(1e300),
            json!("+99999-01-01T00:00:00Z"),
        ] {
            assert_eq!(moment(form.clone()).unwrap(), None, "{form}");
        }
    }

    #[test]
    fn nobody_is_zero_null_or_empty() {
        for form in [json!(0), json!("0"), json!(null), json!(""), json!({})] {
            assert_eq!(somebody(form.clone()).unwrap(), None, "{form}");
        }
        for form in [json!(991), json!("991")] {
            assert_eq!(somebody(form).unwrap().as_deref(), Some("991"));
        }
    }

    #[test]
    fn members_are_found_under_whatever_key() {
        for form in [
            json!([{"a": 1}]),
            json!({"type": "admin.list", "admins": [{"a": 1}]}),
            json!({"type": "admin.list", "teammates": [{"a": 1}, null, 7]}),
        ] {
            let found: Vec<Value> = members(form.clone()).unwrap();
            assert_eq!(found, [json!({"a": 1})], "{form}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z]{1,4}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_value_is_read_as_something(value in any_json()) {
            prop_assert!(moment(value.clone()).is_ok());
            prop_assert!(somebody(value.clone()).is_ok());
            prop_assert!(words(value.clone()).is_ok());
            prop_assert!(flag(value.clone()).is_ok());
            prop_assert!(count(value.clone()).is_ok());
            prop_assert!(number(value.clone()).is_ok());
            prop_assert!(attributes(value.clone()).is_ok());
            prop_assert!(ids(value.clone()).is_ok());
            prop_assert!(object::<_, Value>(value.clone()).is_ok());
            prop_assert!(list::<_, Value>(value.clone()).is_ok());
            prop_assert!(members::<_, Value>(value).is_ok());
        }
    }
}
