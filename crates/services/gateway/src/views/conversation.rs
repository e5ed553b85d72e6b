use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;
use chrono::{DateTime, Utc};
use harken_contracts::wire::directory::v1::ConversationWithParts;
use harken_contracts::wire::events::v1::{AuthorKind, ConversationStatus, Part};

use crate::rules::{happening, numbers, span as lengths};
use crate::views::customer;
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::when::When;

/// One conversation with its parts.
#[derive(Debug, Template)]
#[template(path = "pages/conversation.html")]
pub(crate) struct ConversationPage {
    pub(crate) frame: Frame,
    /// `cnv_…`.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) status: StatusBadge,
    pub(crate) external_id: String,
    pub(crate) customers: Vec<Participant>,
    pub(crate) created: Option<When>,
    pub(crate) updated: Option<When>,
    pub(crate) first_response: String,
    pub(crate) resolution: String,
    pub(crate) reopens: u32,
    pub(crate) assignments: u32,
    pub(crate) tags: Vec<String>,
    /// What is not held, in words.
    pub(crate) incomplete: Option<String>,
    pub(crate) entries: Vec<Entry>,
}

/// A customer who takes part.
#[derive(Clone, Debug)]
pub(crate) struct Participant {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// One part as it is shown.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) kind: EntryKind,
    pub(crate) author: &'static str,
    pub(crate) author_id: String,
    pub(crate) when: Option<When>,
    pub(crate) words: String,
    pub(crate) reopens: bool,
}

/// How a part is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// The customer wrote it.
    FromCustomer,
    /// The customer can read it.
    ToCustomer,
    /// Only teammates can read it.
    Note,
    /// Something happened.
    Happening,
}

impl ConversationPage {
    pub(crate) fn new(
        frame: Frame,
        held: &ConversationWithParts,
        customers: Vec<Participant>,
        now: DateTime<Utc>,
    ) -> Self {
        let conversation = held.conversation.clone().unwrap_or_default();
        Self {
            frame,
            id: conversation.conversation_id.clone(),
            title: customer::title(&conversation),
            status: StatusBadge::of(conversation.status()),
            customers,
            created: When::read(conversation.created_at.as_ref(), now),
            updated: When::read(conversation.updated_at.as_ref(), now),
            first_response: span(conversation.first_response_secs),
            resolution: span(conversation.resolution_secs),
            reopens: conversation.reopen_count,
            assignments: conversation.assignment_count,
            incomplete: incomplete(conversation.parts_held, conversation.parts_counted),
            entries: held
                .parts
                .iter()
                .map(|part| Entry::new(part, now))
                .collect(),
            external_id: conversation.external_id,
            tags: conversation.tags,
        }
    }
}

impl Entry {
    fn new(part: &Part, now: DateTime<Utc>) -> Self {
        let kind = kind(part);
        let words = match (&part.text, kind) {
            (Some(text), _) => text.clone(),
            (None, EntryKind::Happening) => happening::in_words(&part.part_type).into_owned(),
            (None, _) => "The text is not kept.".to_owned(),
        };
        Self {
            kind,
            author: author(part.author_kind()),
            author_id: part.author_external_id.clone().unwrap_or_default(),
            when: When::read(part.created_at.as_ref(), now),
            words,
            reopens: part.is_reopening,
        }
    }

    const fn class(&self) -> &'static str {
        match self.kind {
            EntryKind::FromCustomer => "from-customer",
            EntryKind::ToCustomer => "to-customer",
            EntryKind::Note => "note",
            EntryKind::Happening => "happening",
        }
    }

    fn is_note(&self) -> bool {
        self.kind == EntryKind::Note
    }

    fn is_happening(&self) -> bool {
        self.kind == EntryKind::Happening
    }
}

/// A note never looks like a message, whatever else is said of it.
fn kind(part: &Part) -> EntryKind {
    let is_note = part.part_type.contains("note");
    match (is_note, part.is_visible_message, part.author_kind()) {
        (true, ..) => EntryKind::Note,
        (false, true, AuthorKind::Contact) => EntryKind::FromCustomer,
        (false, true, _) => EntryKind::ToCustomer,
        (false, false, _) if part.text.is_some() => EntryKind::Note,
        (false, false, _) => EntryKind::Happening,
    }
}

const fn author(kind: AuthorKind) -> &'static str {
    match kind {
        AuthorKind::Contact => "Customer",
        AuthorKind::Admin => "Teammate",
        AuthorKind::Bot => "Bot",
        AuthorKind::Team => "Team",
        AuthorKind::Unspecified => "Somebody",
    }
}

fn incomplete(held: u32, counted: Option<u32>) -> Option<String> {
    let missing = counted?.checked_sub(held).filter(|missing| *missing > 0)?;
    Some(format!(
        "{} not here: Intercom hands out at most 500 for each conversation.",
        numbers::counted(u64::from(missing), "part is", "parts are")
    ))
}

/// A length in words; a dash where there is none.
pub(crate) fn span(secs: Option<i64>) -> String {
    secs.and_then(|secs| u64::try_from(secs).ok())
        .map_or_else(|| "–".to_owned(), lengths::in_words)
}

/// The state of a conversation with its shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StatusBadge(ConversationStatus);

impl StatusBadge {
    pub(crate) const fn of(status: ConversationStatus) -> Self {
        Self(status)
    }
}

impl fmt::Display for StatusBadge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (class, word) = match self.0 {
            ConversationStatus::Open => ("open", "Open"),
            ConversationStatus::Closed => ("closed", "Closed"),
            ConversationStatus::Snoozed => ("snoozed", "Snoozed"),
            ConversationStatus::Unspecified => ("closed", "Unknown"),
        };
        write!(
            f,
            r#"<span class="state {class}"><span class="dot" aria-hidden="true"></span>{word}</span>"#
        )
    }
}

impl HtmlSafe for StatusBadge {}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(part_type: &str, visible: bool, author: AuthorKind, text: Option<&str>) -> Part {
        Part {
            part_type: part_type.to_owned(),
            is_visible_message: visible,
            author_kind: author.into(),
            text: text.map(str::to_owned),
            ..Part::default()
        }
    }

    #[test]
    fn a_note_is_never_shown_as_a_message() {
        for (part, expected) in [
            (
                part("comment", true, AuthorKind::Contact, Some("hi")),
                EntryKind::FromCustomer,
            ),
            (
                part("comment", true, AuthorKind::Bot, Some("hi")),
                EntryKind::ToCustomer,
            ),
            (
                part("note", false, AuthorKind::Admin, Some("psst")),
                EntryKind::Note,
            ),
            (
                part("note", true, AuthorKind::Admin, Some("psst")),
                EntryKind::Note,
            ),
            (
                part("note_and_reopen", false, AuthorKind::Admin, None),
                EntryKind::Note,
            ),
            (
                part("something_new", false, AuthorKind::Admin, Some("psst")),
                EntryKind::Note,
            ),
            (
                part("assignment", false, AuthorKind::Admin, None),
                EntryKind::Happening,
            ),
        ] {
            assert_eq!(kind(&part), expected, "{part:?}");
        }
    }

    #[test]
    fn missing_parts_are_counted() {
        assert_eq!(incomplete(500, Some(500)), None);
        assert_eq!(incomplete(500, None), None);
        assert!(
            incomplete(500, Some(512))
                .unwrap()
                .starts_with("12 parts are")
        );
    }
}
