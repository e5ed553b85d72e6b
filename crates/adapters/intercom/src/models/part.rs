use chrono::{DateTime, Utc};
use harken_domain::{AuthorKind, ConversationStatus};
use serde::{Deserialize, Deserializer, de::IgnoredAny};

use super::{Extra, MOST_PART_BYTES, prints_its_id};
use crate::{extra::keeps_extra, lenient, text};

/// One entry of a conversation: a message, a note, or something that happened.
#[derive(Clone, Default, Deserialize)]
#[serde(default, remote = "Self")]
pub struct Part {
    /// Intercom's id, unique within the workspace.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// What it is; an open set of words.
    #[serde(deserialize_with = "lenient::word")]
    pub part_type: String,
    #[serde(deserialize_with = "lenient::words")]
    pub(crate) body: Option<String>,
    /// When it happened.
    #[serde(deserialize_with = "lenient::moment")]
    pub created_at: Option<DateTime<Utc>>,
    /// When Intercom last changed it.
    #[serde(deserialize_with = "lenient::moment")]
    pub updated_at: Option<DateTime<Utc>>,
    /// Who wrote or caused it.
    #[serde(deserialize_with = "lenient::object")]
    pub author: Option<Author>,
    #[serde(deserialize_with = "lenient::object")]
    pub(crate) assigned_to: Option<Author>,
    #[serde(deserialize_with = "lenient::list")]
    pub(crate) attachments: Vec<Attachment>,
    #[serde(deserialize_with = "lenient::flag")]
    pub(crate) redacted: bool,
    #[serde(deserialize_with = "lenient::status")]
    pub(crate) state: Option<ConversationStatus>,
    /// Whether it says something that was not to be read.
    #[serde(skip)]
    pub(crate) says_something_unread: bool,
    /// The app that made it over the API.
    #[serde(deserialize_with = "lenient::words")]
    pub app_package_code: Option<String>,
    /// What Intercom says beside these fields, at most 8 KiB.
    #[serde(skip)]
    pub extra: Extra,
}

/// The opening message of a conversation.
#[derive(Clone, Default, Deserialize)]
#[serde(default, remote = "Self")]
pub struct Source {
    /// Intercom's id.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// How it came; an open set of words such as `customer_initiated`.
    #[serde(deserialize_with = "lenient::word")]
    pub delivered_as: String,
    #[serde(deserialize_with = "lenient::words")]
    pub(crate) subject: Option<String>,
    #[serde(deserialize_with = "lenient::words")]
    pub(crate) body: Option<String>,
    /// Who wrote it.
    #[serde(deserialize_with = "lenient::object")]
    pub author: Option<Author>,
    #[serde(deserialize_with = "lenient::list")]
    pub(crate) attachments: Vec<Attachment>,
    #[serde(deserialize_with = "lenient::flag")]
    pub(crate) redacted: bool,
    /// Whether it says something that was not to be read.
    #[serde(skip)]
    pub(crate) says_something_unread: bool,
    /// What Intercom says beside these fields, at most 8 KiB.
    #[serde(skip)]
    pub extra: Extra,
}

/// Who wrote or caused a part. Name and address are not read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Author {
    /// Intercom's id.
    #[serde(deserialize_with = "lenient::somebody")]
    pub id: Option<String>,
    #[serde(rename = "type", deserialize_with = "kind")]
    pub(crate) kind: Option<AuthorKind>,
    #[serde(deserialize_with = "lenient::flag")]
    pub(crate) from_ai_agent: bool,
}

/// That there is one; what it holds stays at Intercom.
type Attachment = IgnoredAny;

impl Author {
    /// What it is. Fin speaks as a teammate at times and says so beside.
    pub fn kind(&self) -> AuthorKind {
        if self.from_ai_agent {
            AuthorKind::Bot
        } else {
            self.kind.unwrap_or(AuthorKind::Unknown)
        }
    }
}

fn kind<'de, D: Deserializer<'de>>(from: D) -> Result<Option<AuthorKind>, D::Error> {
    lenient::read(from, kind_of)
}

/// What Intercom's word for an author means; none for one that is missing or new.
pub(crate) fn kind_of(word: &str) -> Option<AuthorKind> {
    Some(match word {
        "user" | "lead" | "contact" | "visitor" => AuthorKind::Contact,
        "admin" => AuthorKind::Admin,
        "bot" | "operator" => AuthorKind::Bot,
        "team" => AuthorKind::Team,
        _ => return None,
    })
}

impl Part {
    /// Its text without markup.
    pub fn text(&self) -> Option<String> {
        text_of(self.body.as_deref(), self.redacted)
    }

    /// Whether somebody said something in it: words, a picture, a file.
    pub fn has_content(&self) -> bool {
        !self.redacted
            && (self.body.is_some() || !self.attachments.is_empty() || self.says_something_unread)
    }

    /// Whether Intercom erased what it said.
    pub const fn is_redacted(&self) -> bool {
        self.redacted
    }

    /// State of the conversation when the part was made.
    pub const fn state(&self) -> Option<ConversationStatus> {
        self.state
    }

    /// To whom it gave the conversation: team or teammate; none for nobody and for parts that assign nothing.
    pub fn assignee(&self) -> Option<&Author> {
        self.assigned_to.as_ref().filter(|to| to.id.is_some())
    }
}

impl Source {
    /// Whether Intercom erased what it said.
    pub const fn is_redacted(&self) -> bool {
        self.redacted
    }

    /// Its subject, or what its first line begins with, in at most 80 characters.
    pub fn headline(&self) -> Option<String> {
        let text = match &self.subject {
            Some(subject) => text::plain(subject),
            None => self.text()?,
        };
        let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
        Some(shortened(line, 80))
    }

    /// Its text without markup.
    pub fn text(&self) -> Option<String> {
        text_of(self.body.as_deref(), self.redacted)
    }

    /// Whether somebody said something in it: words, a picture, a file.
    pub fn has_content(&self) -> bool {
        !self.redacted
            && (self.body.is_some() || !self.attachments.is_empty() || self.says_something_unread)
    }
}

fn text_of(body: Option<&str>, redacted: bool) -> Option<String> {
    body.filter(|_| !redacted)
        .map(text::plain)
        .filter(|text| !text.is_empty())
}

fn shortened(line: &str, most: usize) -> String {
    match line.char_indices().nth(most) {
        None => line.to_owned(),
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
    }
}

prints_its_id!(Part, Source);

keeps_extra!(Part, MOST_PART_BYTES);
keeps_extra!(Source, MOST_PART_BYTES);
