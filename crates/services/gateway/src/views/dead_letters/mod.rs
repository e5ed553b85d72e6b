//! What could not be taken in: the list, one of them, and what is asked before they leave.

pub(crate) mod confirm;
pub(crate) mod filter;

use askama::Template;
use chrono::{DateTime, Utc};
use harken_contracts::wire::dead::v1::{DeadLetter, DeadLetterWithMessage};

use self::filter::Filter;
use crate::rules::numbers;
use crate::rules::sentence::sentence;
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::pager::Pager;
use crate::views::when::When;

/// The list.
#[derive(Debug, Template)]
#[template(path = "pages/dead_letters.html")]
pub(crate) struct DeadLettersPage {
    pub(crate) frame: Frame,
    pub(crate) filter: Filter,
    /// None while the bus does not answer.
    pub(crate) rows: Option<Vec<Row>>,
    pub(crate) pager: Pager,
    pub(crate) total: String,
}

/// One of them, with what it carries.
#[derive(Debug, Template)]
#[template(path = "pages/dead_letter.html")]
pub(crate) struct DeadLetterPage {
    pub(crate) frame: Frame,
    pub(crate) row: Row,
    pub(crate) message_id: String,
    pub(crate) subject: String,
    pub(crate) size: String,
    /// Empty where it is not shown.
    pub(crate) message: String,
}

/// One dead letter in a line.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: u64,
    pub(crate) what: String,
    pub(crate) service: String,
    pub(crate) reason: String,
    pub(crate) error: String,
    pub(crate) workspace: String,
    pub(crate) attempts: String,
    pub(crate) died: Option<When>,
}

impl Row {
    pub(crate) fn new(letter: &DeadLetter, workspaces: &Workspaces, now: DateTime<Utc>) -> Self {
        Self {
            id: letter.dead_letter_id,
            what: what(&letter.event_type),
            service: letter.service.clone(),
            reason: letter.reason.replace('_', " "),
            error: sentence(&letter.error),
            workspace: workspaces.name(&letter.connection_id),
            attempts: numbers::counted(letter.attempts, "attempt", "attempts"),
            died: When::read(letter.died_at.as_ref(), now),
        }
    }
}

impl DeadLetterPage {
    pub(crate) fn new(
        frame: Frame,
        held: DeadLetterWithMessage,
        workspaces: &Workspaces,
        now: DateTime<Utc>,
    ) -> Self {
        let letter = held.dead_letter.unwrap_or_default();
        Self {
            frame,
            row: Row::new(&letter, workspaces, now),
            message_id: letter.message_id,
            subject: letter.subject,
            size: numbers::counted(letter.size_bytes, "byte", "bytes"),
            message: held.message_json,
        }
    }
}

/// The names of the organization's workspaces.
#[derive(Clone, Debug, Default)]
pub(crate) struct Workspaces(pub(crate) Vec<(String, String)>);

impl Workspaces {
    fn name(&self, connection_id: &str) -> String {
        let found = self.0.iter().find(|(id, _)| id == connection_id);
        found.map_or_else(|| connection_id.to_owned(), |(_, name)| name.clone())
    }
}

/// What a type of event is to people.
fn what(event_type: &str) -> String {
    match event_type {
        "webhook.v1.received" => "Notification from Intercom",
        "record.v1.changed" => "Changed records",
        "score.v1.changed" => "Changed scores",
        "connection.v1.opened" => "New connection",
        "connection.v1.closed" => "Ended connection",
        "sync.v1.progressed" | "sync.v1.ended" => "News of a sync",
        other => return other.to_owned(),
    }
    .to_owned()
}
