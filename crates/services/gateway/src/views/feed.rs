use std::collections::HashMap;

use askama::Template;
use askama::filters::HtmlSafe;
use chrono::{DateTime, Utc};
use harken_contracts::wire::events::v1::RecordCause;
use harken_contracts::wire::scoring::v1::Score;

use crate::app::{Entry, Movement};
use crate::views::customers::called;
use crate::views::icon::Icon;
use crate::views::level::Level;
use crate::views::when::When;

/// What happened of late, newest first.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/feed.html")]
pub(crate) struct Feed {
    rows: Vec<Row>,
}

/// One thing that happened.
#[derive(Clone, Debug)]
struct Row {
    /// The same at every reading.
    id: String,
    icon: Icon,
    what: &'static str,
    /// Where it leads: the customer, else the conversation.
    href: Option<String>,
    who: Option<String>,
    moved: Option<Moved>,
    when: When,
}

/// How a score moved, in words.
#[derive(Clone, Debug)]
struct Moved {
    from: String,
    to: String,
    level: Level,
    fell: bool,
    reason: String,
}

impl Feed {
    /// The entries with the names that scoring knows.
    pub(crate) fn new(entries: &[Entry], scores: &[Score], now: DateTime<Utc>) -> Self {
        let names: HashMap<&str, String> = scores
            .iter()
            .map(|score| {
                let (name, email) = (score.name.as_deref(), score.email.as_deref());
                let (name, _) = called(name, email, &score.external_id);
                (score.customer_id.as_str(), name)
            })
            .collect();
        let rows = entries.iter().map(|entry| Row {
            id: format!("e{}-{}", entry.at.timestamp_micros(), entry.customer),
            icon: icon(entry.cause),
            what: what(entry.cause),
            href: names
                .contains_key(entry.customer.as_str())
                .then(|| format!("/customers/{}", entry.customer))
                .or_else(|| Some(format!("/conversations/{}", entry.conversation.as_ref()?))),
            who: names.get(entry.customer.as_str()).cloned(),
            moved: entry.movement.as_ref().map(Moved::new),
            when: When::at(entry.at, now),
        });
        Self {
            rows: rows.collect(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl HtmlSafe for Feed {}

impl Moved {
    fn new(movement: &Movement) -> Self {
        let points =
            |points: Option<u32>| points.map_or_else(|| "N/A".to_owned(), |one| one.to_string());
        Self {
            from: points(movement.from),
            to: points(movement.to),
            level: Level::from(movement.level),
            fell: movement.to < movement.from,
            reason: movement.reason.trim_end_matches('.').to_owned(),
        }
    }

    fn stayed(&self) -> bool {
        self.from == self.to
    }
}

fn what(cause: Option<RecordCause>) -> &'static str {
    match cause {
        None | Some(RecordCause::Unspecified | RecordCause::Imported) => "Score moved",
        Some(RecordCause::ContactCreated) => "New contact",
        Some(RecordCause::ContactUpdated) => "Contact changed",
        Some(RecordCause::ContactDeleted) => "Contact deleted",
        Some(RecordCause::ConversationCreated) => "New conversation",
        Some(RecordCause::ConversationUpdated) => "Conversation changed",
        Some(RecordCause::ConversationClosed) => "Conversation closed",
        Some(RecordCause::ConversationReopened) => "Conversation reopened",
        Some(RecordCause::ConversationAssigned) => "Conversation assigned",
        Some(RecordCause::ConversationDeleted) => "Conversation deleted",
        Some(RecordCause::ConversationPartCreated) => "New reply or note",
        Some(RecordCause::ConversationPartRedacted) => "Text erased in Intercom",
    }
}

fn icon(cause: Option<RecordCause>) -> Icon {
    match cause {
        None | Some(RecordCause::Unspecified | RecordCause::Imported) => Icon::Pulse,
        Some(
            RecordCause::ContactCreated | RecordCause::ContactUpdated | RecordCause::ContactDeleted,
        ) => Icon::Customers,
        Some(RecordCause::ConversationClosed) => Icon::Check,
        Some(RecordCause::ConversationReopened) => Icon::Sync,
        Some(RecordCause::ConversationAssigned) => Icon::Next,
        Some(RecordCause::ConversationDeleted | RecordCause::ConversationPartRedacted) => {
            Icon::Cross
        }
        Some(_) => Icon::Chat,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use harken_contracts::wire::types::v1::RiskLevel;

    use super::*;

    #[test]
    fn a_row_says_what_happened_to_whom_and_what_it_did_to_the_score() {
        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let entry = Entry {
            at: now - TimeDelta::seconds(70),
            customer: "cus_1".to_owned(),
            conversation: Some("cnv_1".to_owned()),
            cause: Some(RecordCause::ConversationReopened),
            movement: Some(Movement {
                from: Some(71),
                to: Some(58),
                level: RiskLevel::AtRisk,
                reason: "a closed conversation was opened again".to_owned(),
            }),
        };
        let score = Score {
            customer_id: "cus_1".to_owned(),
            name: Some("Ada".to_owned()),
            ..Score::default()
        };
        let page = Feed::new(std::slice::from_ref(&entry), &[score], now)
            .render()
            .unwrap();
        for part in [
            "Conversation reopened",
            "href=\"/customers/cus_1\"",
            "Ada",
            "71",
            "58",
            "because a closed conversation was opened again",
            "1 min ago",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
        let unknown = Feed::new(&[entry], &[], now).render().unwrap();
        assert!(
            unknown.contains("href=\"/conversations/cnv_1\""),
            "{unknown}"
        );
    }
}
