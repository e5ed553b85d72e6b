//! The conversations at the left.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Asked;
use super::time::When;
use crate::story::{Conversation, State};
use crate::world::{Span, View};

const SHOWN: usize = 40;
/// So many conversations are looked through for a page.
const LOOKED_THROUGH: usize = 3000;

/// Which conversations are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Filter {
    #[default]
    All,
    Open,
    Snoozed,
    Closed,
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "all",
            Self::Open => "open",
            Self::Snoozed => "snoozed",
            Self::Closed => "closed",
        })
    }
}

impl Filter {
    pub(super) const ALL: [Self; 4] = [Self::All, Self::Open, Self::Snoozed, Self::Closed];

    fn fits(self, state: State) -> bool {
        match self {
            Self::All => true,
            Self::Open => state == State::Open,
            Self::Snoozed => state == State::Snoozed,
            Self::Closed => state == State::Closed,
        }
    }
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) initial: char,
    pub(super) preview: String,
    pub(super) when: When,
    pub(super) state: &'static str,
    /// Since when the customer waits.
    pub(super) waiting: Option<When>,
    pub(super) selected: bool,
}

#[derive(Debug)]
pub(super) struct List {
    pub(super) rows: Vec<Row>,
    /// Number of the next page, when there is one.
    pub(super) older: Option<usize>,
    /// Not everything was looked through.
    pub(super) cut: bool,
}

impl List {
    pub(super) fn of(view: &View<'_>, asked: &Asked, selected: Option<u64>, now: i64) -> Self {
        let wanted = asked.q.trim().to_lowercase();
        let all = view.conversations_by_update().walk(Span::ALL, None, false);
        let mut looked = 0;
        let mut rows: Vec<Row> = Vec::new();
        let mut skip = asked.page.saturating_mul(SHOWN);
        for (_, number) in all.take(LOOKED_THROUGH + skip) {
            looked += 1;
            let Some(conversation) = view.conversation(number) else {
                continue;
            };
            let state = conversation.standing().state;
            if !asked.state.fits(state) || !(wanted.is_empty() || says(&conversation, &wanted)) {
                continue;
            }
            if skip > 0 {
                skip -= 1;
                continue;
            }
            if rows.len() == SHOWN {
                let older = Some(asked.page + 1);
                return Self {
                    rows,
                    older,
                    cut: false,
                };
            }
            rows.push(row(&conversation, selected == Some(number), now));
        }
        Self {
            rows,
            older: None,
            cut: looked >= LOOKED_THROUGH,
        }
    }
}

fn row(conversation: &Conversation<'_>, selected: bool, now: i64) -> Row {
    let standing = conversation.standing();
    let name = name(conversation);
    Row {
        id: conversation.id(),
        initial: name.chars().next().unwrap_or('?').to_ascii_uppercase(),
        name,
        preview: last_words(conversation),
        when: When::new(conversation.updated_at, now),
        state: standing.state.word(),
        waiting: standing.waiting_since.map(|since| When::new(since, now)),
        selected,
    }
}

/// What a customer is called here.
pub(super) fn name(conversation: &Conversation<'_>) -> String {
    let customer = &conversation.customers[0];
    let email = customer.email.clone().filter(|email| !email.is_empty());
    let name = customer.name.clone().or(email);
    name.unwrap_or_else(|| "Unknown lead".to_owned())
}

fn last_words(conversation: &Conversation<'_>) -> String {
    let events = conversation.timeline.events.iter().enumerate().rev();
    let last = events
        .filter(|(index, _)| conversation.redacted_at(Some(*index as u64)).is_none())
        .find_map(|(_, event)| event.deed.words());
    let words = last.unwrap_or(&conversation.timeline.opener);
    conversation.plain(words).chars().take(120).collect()
}

fn says(conversation: &Conversation<'_>, wanted: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(wanted);
    let customer = &conversation.customers[0];
    conversation.id().to_string() == wanted
        || customer.name.as_deref().is_some_and(has)
        || customer.email.as_deref().is_some_and(has)
        || has(&conversation.plain(&conversation.timeline.opener))
        || has(&last_words(conversation))
}
