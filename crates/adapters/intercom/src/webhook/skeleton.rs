//! What of a notification may be kept where content was not invited: the envelope and ids, by a list of what is taken.
//!
//! The list decides how deep reading goes; whatever is not on it is skipped without recursion.

use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde::{Deserializer, de};

use crate::lenient::is_code;

/// Most members of one list; Intercom sends 500 parts at most.
const MOST_MEMBERS: usize = 1000;

/// What is taken of an object: plain values by name, and objects (or lists of them) by their own shape.
pub(super) struct Shape {
    plain: &'static [&'static str],
    within: &'static [(&'static str, &'static Shape)],
}

const fn plain(plain: &'static [&'static str]) -> Shape {
    Shape { plain, within: &[] }
}

pub(super) static NOTIFICATION: Shape = Shape {
    plain: &[
        "type",
        "app_id",
        "id",
        "topic",
        "created_at",
        "first_sent_at",
        "delivery_attempts",
    ],
    within: &[("data", &DATA)],
};
static DATA: Shape = Shape {
    plain: &["type"],
    within: &[("item", &ITEM)],
};
static ITEM: Shape = Shape {
    plain: &[
        "type",
        "id",
        "conversation_id",
        "intercom_user_id",
        "deleted",
        "archived",
    ],
    within: &[
        ("admin", &NAMED),
        ("company", &NAMED),
        ("contact", &NAMED),
        ("contacts", &CONTACTS),
        ("conversation", &CONVERSATION),
        ("conversation_parts", &PARTS),
        ("merged_from", &NAMED),
        ("tag", &NAMED),
        ("ticket", &NAMED),
    ],
};
static NAMED: Shape = plain(&["type", "id"]);
static CONTACTS: Shape = Shape {
    plain: &["type"],
    within: &[("contacts", &NAMED)],
};
/// The record of Intercom's own that attaching a contact shows.
static CONVERSATION: Shape = Shape {
    plain: &["type", "id"],
    within: &[("model", &NAMED)],
};
static PARTS: Shape = Shape {
    plain: &["type"],
    within: &[("conversation_parts", &PART)],
};
static PART: Shape = plain(&["type", "id", "redacted"]);

/// What was taken.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kept {
    /// An id, a word or a moment, free of blanks and of what addresses are made of.
    Text(String),
    Whole(i64),
    Flag(bool),
    Object(Vec<(&'static str, Kept)>),
    List(Vec<Kept>),
}

impl Kept {
    /// The value under a path of names.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |within, name| match within {
            Self::Object(fields) => Some(&fields.iter().find(|(field, _)| field == name)?.1),
            _ => None,
        })
    }

    /// The text under a path; an id given as a number is one too.
    pub(super) fn text(&self, path: &[&str]) -> Option<String> {
        match self.at(path)? {
            Self::Text(text) if !text.is_empty() => Some(text.clone()),
            Self::Whole(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => to.serialize_str(text),
            Self::Whole(number) => to.serialize_i64(*number),
            Self::Flag(flag) => to.serialize_bool(*flag),
            Self::List(members) => to.collect_seq(members),
            Self::Object(fields) => {
                let mut map = to.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// Takes a plain value, or what is within by its shape; none if there is something else.
#[derive(Clone, Copy)]
pub(super) enum Take {
    Plain,
    Within(&'static Shape),
    /// Within a list; a list in a list is none, so that depth is bounded by the shape alone.
    Member(&'static Shape),
}

impl<'de> DeserializeSeed<'de> for Take {
    type Value = Option<Kept>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Option<Kept>, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Take {
    type Value = Option<Kept>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Option<Kept>, E> {
        Ok(self.plain(Kept::Flag(flag)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Option<Kept>, E> {
        Ok(self.plain(Kept::Whole(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Option<Kept>, E> {
        Ok(i64::try_from(number)
            .ok()
            .and_then(|number| self.plain(Kept::Whole(number))))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Option<Kept>, E> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a cast from float saturates"
        )]
        Ok(self.plain(Kept::Whole(number.floor() as i64)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Option<Kept>, E> {
        Ok(if is_code(text) {
            self.plain(Kept::Text(text.to_owned()))
        } else {
            None
        })
    }

    fn visit_unit<E>(self) -> Result<Option<Kept>, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Option<Kept>, A::Error> {
        let mut members = Vec::new();
        if let Self::Within(shape) = self {
            while members.len() < MOST_MEMBERS
                && let Some(member) = seq.next_element_seed(Self::Member(shape))?
            {
                members.extend(member);
            }
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok((!members.is_empty()).then_some(Kept::List(members)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<Kept>, A::Error> {
        match self {
            Self::Plain => skip(map).map(|()| None),
            Self::Within(shape) | Self::Member(shape) => {
                fields(shape, map).map(|fields| Some(Kept::Object(fields)))
            }
        }
    }
}

impl Take {
    fn plain(self, value: Kept) -> Option<Kept> {
        matches!(self, Self::Plain).then_some(value)
    }
}

/// The fields of a shape; of a name given twice, the last value counts, as elsewhere.
fn fields<'de, A: MapAccess<'de>>(
    shape: &'static Shape,
    mut map: A,
) -> Result<Vec<(&'static str, Kept)>, A::Error> {
    let mut fields: Vec<(&'static str, Kept)> = Vec::with_capacity(shape.plain.len());
    while let Some(wanted) = map.next_key_seed(Wanted(shape))? {
        let Some((name, take)) = wanted else {
            map.next_value::<IgnoredAny>()?;
            continue;
        };
        fields.retain(|(taken, _)| *taken != name);
        if let Some(value) = map.next_value_seed(take)? {
            fields.push((name, value));
        }
    }
    Ok(fields)
}

fn skip<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Which field a key names, if one that is taken.
struct Wanted(&'static Shape);

impl<'de> DeserializeSeed<'de> for Wanted {
    type Value = Option<(&'static str, Take)>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Wanted {
    type Value = Option<(&'static str, Take)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Self::Value, E> {
        let Self(shape) = self;
        let plain = shape.plain.iter().find(|name| **name == key);
        let within = shape.within.iter().find(|(name, _)| *name == key);
        Ok(plain
            .map(|name| (*name, Take::Plain))
            .or_else(|| within.map(|(name, shape)| (*name, Take::Within(shape)))))
    }
}
