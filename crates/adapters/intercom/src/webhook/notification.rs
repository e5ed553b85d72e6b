//! The envelope of a notification.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeSeed as _;
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::about::{About, about};
use super::skeleton::{Kept, NOTIFICATION, Take};
use super::topic::Topic;

/// Why a body is no notification. Says nothing of what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is not text.
    #[error("the body is not UTF-8")]
    NotText,
    /// It is not JSON, or more than one value of it.
    #[error("the body is not JSON: line {line}, column {column}")]
    NotJson {
        /// Where, from 1.
        line: usize,
        /// Where, from 1.
        column: usize,
    },
    /// It ends too early.
    #[error("the body ends in the middle of its JSON")]
    CutShort,
    /// It is JSON, and no object.
    #[error("the body is not a JSON object")]
    NoObject,
    /// A field that every notification has is missing or of another kind.
    #[error("`{field}` is missing, or is not a word")]
    Field {
        /// Which.
        field: &'static str,
    },
}

/// What Intercom told us: the envelope and ids. Content stays where it is, in the body, and is not printed.
#[derive(Clone)]
pub struct Notification<'b> {
    /// Intercom's id of the workspace.
    pub app_id: String,
    /// Intercom's id of the notification, the same at each attempt; a ping has none.
    pub id: Option<String>,
    /// What it is about, in Intercom's words.
    pub topic: Topic,
    /// The same as it was spelled.
    pub topic_as_sent: String,
    /// When it happened.
    pub created_at: Option<DateTime<Utc>>,
    /// When Intercom first tried to tell us.
    pub first_sent_at: Option<DateTime<Utc>>,
    /// How often Intercom has tried, this time included.
    pub delivery_attempts: Option<u64>,
    pub(super) kept: Kept,
    body: &'b [u8],
}

impl<'b> Notification<'b> {
    /// Reads the envelope, and the ids of the item. Takes any bytes, in time and memory that grow with their number alone.
    pub fn read(body: &'b [u8]) -> Result<Self, Unreadable> {
        let text = std::str::from_utf8(body).map_err(|_| Unreadable::NotText)?;
        let mut json = serde_json::Deserializer::from_str(text);
        let kept = Take::Within(&NOTIFICATION)
            .deserialize(&mut json)
            .and_then(|kept| json.end().map(|()| kept))
            .map_err(|error| unreadable(text, &error))?;
        let kept = kept
            .filter(|kept| matches!(kept, Kept::Object(_)))
            .ok_or(Unreadable::NoObject)?;
        let word = |field| kept.text(&[field]).ok_or(Unreadable::Field { field });
        let (app_id, topic_as_sent) = (word("app_id")?, word("topic")?);
        Ok(Self {
            app_id,
            id: kept.text(&["id"]),
            topic: Topic::of(&topic_as_sent),
            topic_as_sent,
            created_at: moment(&kept, "created_at"),
            first_sent_at: moment(&kept, "first_sent_at"),
            delivery_attempts: match kept.at(&["delivery_attempts"]) {
                Some(Kept::Whole(count)) => u64::try_from(*count).ok(),
                _ => None,
            },
            kept,
            body,
        })
    }

    /// The record it is about, if it is about one that can be told.
    pub fn about(&self) -> Option<About> {
        about(&self.topic, self.kept.at(&["data", "item"])?)
    }

    /// The notification without content: its envelope, ids, and whether something was deleted, archived or redacted. It
    /// reads as a notification again.
    pub fn skeleton(&self) -> Vec<u8> {
        serde_json::to_vec(&self.kept).unwrap_or_default()
    }

    /// The item as it stands in the body; none if there is none.
    pub fn raw_item(&self) -> Option<&'b RawValue> {
        #[derive(Deserialize)]
        struct Envelope<'b> {
            #[serde(borrow)]
            data: Data<'b>,
        }
        #[derive(Deserialize)]
        struct Data<'b> {
            #[serde(borrow)]
            item: &'b RawValue,
        }
        let envelope: Envelope<'b> = serde_json::from_slice(self.body).ok()?;
        Some(envelope.data.item)
    }
}

impl std::fmt::Debug for Notification<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Notification({})", self.topic_as_sent)
    }
}

fn moment(kept: &Kept, field: &str) -> Option<DateTime<Utc>> {
    let at = match kept.at(&[field])? {
        Kept::Whole(secs) => DateTime::from_timestamp(*secs, 0)?,
        Kept::Text(text) => DateTime::parse_from_rfc3339(text).ok()?.to_utc(),
        _ => return None,
    };
    // What every store and wire of ours can hold.
    let calendar = DateTime::UNIX_EPOCH..=DateTime::from_timestamp(253_402_300_799, 0)?;
    calendar.contains(&at).then_some(at)
}

fn unreadable(text: &str, error: &serde_json::Error) -> Unreadable {
    match error.classify() {
        Category::Eof => Unreadable::CutShort,
        Category::Syntax if is_at_end(text, error) && ends_within_number(text) => {
            Unreadable::CutShort
        }
        Category::Data | Category::Syntax | Category::Io => Unreadable::NotJson {
            line: error.line(),
            column: error.column(),
        },
    }
}

fn is_at_end(text: &str, error: &serde_json::Error) -> bool {
    let last_line = text.rsplit('\n').next().unwrap_or_default();
    error.line() == text.matches('\n').count() + 1 && error.column() >= last_line.len()
}

/// Whether one digit more would make a number of what the text ends with. The parser calls such an end a wrong number.
fn ends_within_number(text: &str) -> bool {
    let before = text.trim_end_matches(|sign: char| {
        sign.is_ascii_digit() || matches!(sign, '+' | '-' | '.' | 'e' | 'E')
    });
    let number = format!("{}0", &text[before.len()..]);
    before.len() < text.len() && serde_json::from_str::<serde_json::Number>(&number).is_ok()
}
