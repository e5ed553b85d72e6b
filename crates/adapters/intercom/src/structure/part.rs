use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::IgnoredAny};

use super::{PersonId, Pseudonym, RawId, person};
use crate::{lenient, models};

/// One entry of a conversation: what kind it is, whose, when, and whether it says something.
#[derive(Deserialize, Serialize)]
#[serde(bound(deserialize = "P: PersonId"))]
#[expect(clippy::struct_field_names, reason = "Intercom's own word")]
pub(crate) struct Part<P> {
    #[serde(default, deserialize_with = "lenient::code")]
    id: String,
    #[serde(default, deserialize_with = "lenient::code")]
    part_type: String,
    #[serde(default, deserialize_with = "lenient::moment")]
    created_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient::moment")]
    updated_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient::object")]
    author: Option<Author<P>>,
    #[serde(default, deserialize_with = "lenient::flag")]
    redacted: bool,
    #[serde(default, deserialize_with = "lenient::code")]
    state: String,
    /// Whether there are words; they are not kept, not even in memory.
    #[serde(
        default,
        rename = "body",
        deserialize_with = "lenient::presence",
        skip_serializing
    )]
    has_words: bool,
    #[serde(default, deserialize_with = "lenient::list", skip_serializing)]
    attachments: Vec<IgnoredAny>,
    /// The same as the two above say, where they were left out before.
    #[serde(default, deserialize_with = "lenient::flag")]
    says_something: bool,
}

/// The opening message.
#[derive(Deserialize, Serialize)]
#[serde(bound(deserialize = "P: PersonId"))]
pub(crate) struct Source<P> {
    #[serde(default, deserialize_with = "lenient::code")]
    id: String,
    #[serde(default, deserialize_with = "lenient::code")]
    delivered_as: String,
    #[serde(default, deserialize_with = "lenient::object")]
    author: Option<Author<P>>,
    #[serde(default, deserialize_with = "lenient::flag")]
    redacted: bool,
    /// Whether there are words; they are not kept, not even in memory.
    #[serde(
        default,
        rename = "body",
        deserialize_with = "lenient::presence",
        skip_serializing
    )]
    has_words: bool,
    #[serde(default, deserialize_with = "lenient::list", skip_serializing)]
    attachments: Vec<IgnoredAny>,
    /// The same as the two above say, where they were left out before.
    #[serde(default, deserialize_with = "lenient::flag")]
    says_something: bool,
}

/// Who wrote or caused a part.
#[derive(Deserialize, Serialize)]
#[serde(bound(deserialize = "P: PersonId"))]
pub(crate) struct Author<P> {
    #[serde(default, deserialize_with = "person::person")]
    id: Option<P>,
    #[serde(default, rename = "type", deserialize_with = "lenient::code")]
    kind: String,
    #[serde(default, deserialize_with = "lenient::flag")]
    from_ai_agent: bool,
}

impl Author<RawId> {
    fn hidden(self, hide: &impl Fn(RawId) -> Pseudonym) -> Author<Pseudonym> {
        Author {
            id: self.id.map(hide),
            kind: self.kind,
            from_ai_agent: self.from_ai_agent,
        }
    }
}

impl Part<RawId> {
    pub(super) fn hidden(self, hide: &impl Fn(RawId) -> Pseudonym) -> Part<Pseudonym> {
        Part {
            id: self.id,
            part_type: self.part_type,
            created_at: self.created_at,
            updated_at: self.updated_at,
            author: self.author.map(|author| author.hidden(hide)),
            redacted: self.redacted,
            state: self.state,
            says_something: self.says_something || self.has_words || !self.attachments.is_empty(),
            has_words: false,
            attachments: Vec::new(),
        }
    }
}

impl Source<RawId> {
    pub(super) fn hidden(self, hide: &impl Fn(RawId) -> Pseudonym) -> Source<Pseudonym> {
        Source {
            id: self.id,
            delivered_as: self.delivered_as,
            author: self.author.map(|author| author.hidden(hide)),
            redacted: self.redacted,
            says_something: self.says_something || self.has_words || !self.attachments.is_empty(),
            has_words: false,
            attachments: Vec::new(),
        }
    }
}

impl From<Author<Pseudonym>> for models::Author {
    fn from(author: Author<Pseudonym>) -> Self {
        Self {
            id: author.id.map(String::from),
            kind: models::kind_of(&author.kind),
            from_ai_agent: author.from_ai_agent,
        }
    }
}

impl From<Part<Pseudonym>> for models::Part {
    fn from(part: Part<Pseudonym>) -> Self {
        Self {
            id: part.id,
            part_type: part.part_type,
            created_at: part.created_at,
            updated_at: part.updated_at,
            author: part.author.map(Into::into),
            redacted: part.redacted,
            state: part.state.parse().ok(),
            says_something_unread: part.says_something,
            ..Self::default()
        }
    }
}

impl From<Source<Pseudonym>> for models::Source {
    fn from(source: Source<Pseudonym>) -> Self {
        Self {
            id: source.id,
            delivered_as: source.delivered_as,
            author: source.author.map(Into::into),
            redacted: source.redacted,
            says_something_unread: source.says_something,
            ..Self::default()
        }
    }
}
