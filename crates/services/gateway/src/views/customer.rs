use askama::Template;
use chrono::{DateTime, Utc};
use harken_contracts::wire::directory::v1::{Conversation, Customer};
use harken_contracts::wire::scoring::v1::ScoreExplanation;
use harken_contracts::wire::vault::v1::{Connection, ConnectionState};
use prost_types::value::Kind;

use crate::rules::{moment, numbers};
use crate::views::conversation::StatusBadge;
use crate::views::customers::called;
use crate::views::factors::{self, FactorRow, Piece};
use crate::views::feed::Feed;
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::level::Level;
use crate::views::pager::Pager;
use crate::views::ring::Ring;
use crate::views::when::When;

/// Longest value of a custom attribute that is shown whole.
const LONGEST_VALUE: usize = 200;

/// One customer: score, factors, details, conversations.
#[derive(Debug, Template)]
#[template(path = "pages/customer.html")]
pub(crate) struct CustomerPage {
    pub(crate) frame: Frame,
    /// `cus_…`.
    pub(crate) id: String,
    /// Present where nothing of the customer follows Intercom any more.
    pub(crate) ended: Option<Ended>,
    pub(crate) details: Details,
    pub(crate) health: Option<Health>,
    /// What happened of late.
    pub(crate) feed: Feed,
    pub(crate) conversations: Vec<ConversationRow>,
    pub(crate) pager: Pager,
}

/// The end of the connection that a customer came by.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    workspace_name: String,
    is_erasing: bool,
}

/// Who the customer is.
#[derive(Clone, Debug)]
pub(crate) struct Details {
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) role: String,
    pub(crate) external_id: String,
    pub(crate) first_seen: Option<When>,
    pub(crate) last_seen: Option<When>,
    pub(crate) last_replied: Option<When>,
    pub(crate) tags: Vec<String>,
    pub(crate) companies: Vec<Company>,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) mirrored: Option<When>,
}

/// A company of a customer.
#[derive(Clone, Debug)]
pub(crate) struct Company {
    pub(crate) name: String,
    pub(crate) plan: String,
}

/// A score and all that explains it.
#[derive(Clone, Debug)]
pub(crate) struct Health {
    pub(crate) ring: Ring,
    pub(crate) level: Level,
    pub(crate) summary: String,
    pub(crate) factors: Vec<FactorRow>,
    pub(crate) breakdown: Vec<Piece>,
    pub(crate) lost: String,
    /// Share of the weights that could be judged, where that is not all of them.
    pub(crate) coverage: Option<String>,
    pub(crate) as_of: Option<When>,
    pub(crate) configuration: String,
    pub(crate) trigger: &'static str,
}

/// One conversation in a list.
#[derive(Clone, Debug)]
pub(crate) struct ConversationRow {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) status: StatusBadge,
    pub(crate) created: Option<When>,
    pub(crate) updated: Option<When>,
    pub(crate) first_response: String,
    pub(crate) resolution: String,
    pub(crate) reopens: u32,
    pub(crate) parts: String,
}

impl Ended {
    pub(crate) fn new(connection: &Connection) -> Self {
        Self {
            workspace_name: connection.workspace_name.clone(),
            is_erasing: connection.state() == ConnectionState::Disconnecting,
        }
    }

    pub(crate) fn words(&self) -> String {
        let Self {
            workspace_name,
            is_erasing,
        } = self;
        if *is_erasing {
            format!("{workspace_name} is disconnected, and what was read of it is being erased.")
        } else {
            format!(
                "{workspace_name} is disconnected. This is what was known then, and it stays until the data is removed."
            )
        }
    }

    pub(crate) const fn way_on(&self) -> &'static str {
        if self.is_erasing {
            "See how far it is"
        } else {
            "Reconnect or remove the data"
        }
    }
}

impl Details {
    pub(crate) fn new(customer: &Customer, now: DateTime<Utc>) -> Self {
        let (name, email) = called(
            customer.name.as_deref(),
            customer.email.as_deref(),
            &customer.external_id,
        );
        let companies = customer.companies.iter().map(|company| Company {
            name: if company.name.is_empty() {
                format!("Company {}", company.external_id)
            } else {
                company.name.clone()
            },
            plan: company.plan.clone(),
        });
        Self {
            name,
            email,
            role: customer.contact_role.clone(),
            external_id: customer.external_id.clone(),
            first_seen: When::read(customer.first_seen_at.as_ref(), now),
            last_seen: When::read(customer.last_seen_at.as_ref(), now),
            last_replied: When::read(customer.last_replied_at.as_ref(), now),
            tags: customer.tags.clone(),
            companies: companies.collect(),
            attributes: attributes(customer),
            mirrored: When::read(customer.mirrored_at.as_ref(), now),
        }
    }
}

impl Health {
    pub(crate) fn new(explanation: &ScoreExplanation, now: DateTime<Utc>) -> Option<Self> {
        let score = explanation.score.as_ref()?;
        let level = Level::from(score.level());
        Some(Self {
            ring: Ring::new(score.points, level),
            level,
            summary: explanation.summary.clone(),
            factors: factors::rows(explanation),
            breakdown: factors::breakdown(explanation, level),
            lost: numbers::points(100.0 - score.raw.unwrap_or(100.0)),
            coverage: (score.points.is_some() && score.coverage < 0.9995)
                .then(|| format!("{:.0} %", score.coverage * 100.0)),
            as_of: When::read(score.as_of.as_ref(), now),
            configuration: match score.configuration_version {
                0 => "standard configuration".to_owned(),
                version => format!("configuration {version}"),
            },
            trigger: match score.trigger.as_str() {
                "time_passed" => "because time passed",
                "configuration_changed" => "because the configuration changed",
                _ => "because a record changed",
            },
        })
    }
}

impl ConversationRow {
    pub(crate) fn new(conversation: &Conversation, now: DateTime<Utc>) -> Self {
        Self {
            id: conversation.conversation_id.clone(),
            title: title(conversation),
            status: StatusBadge::of(conversation.status()),
            created: When::read(conversation.created_at.as_ref(), now),
            updated: When::read(conversation.updated_at.as_ref(), now),
            first_response: super::conversation::span(conversation.first_response_secs),
            resolution: super::conversation::span(conversation.resolution_secs),
            reopens: conversation.reopen_count,
            parts: parts(conversation),
        }
    }
}

/// What a conversation is called: its title, or its number where no words may be kept.
pub(crate) fn title(conversation: &Conversation) -> String {
    match conversation.title.as_deref().map(str::trim) {
        Some(title) if !title.is_empty() => title.to_owned(),
        _ => format!("Conversation {}", conversation.external_id),
    }
}

/// How many parts are held, and of how many where some are missing.
fn parts(conversation: &Conversation) -> String {
    let held = u64::from(conversation.parts_held);
    match conversation.parts_counted.map(u64::from) {
        Some(counted) if counted > held => {
            format!("{} of {}", numbers::count(held), numbers::count(counted))
        }
        _ => numbers::count(held),
    }
}

fn attributes(customer: &Customer) -> Vec<(String, String)> {
    let Some(metadata) = &customer.metadata else {
        return Vec::new();
    };
    metadata
        .fields
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), told(name, value.kind.as_ref()?)?)))
        .collect()
}

/// An attribute in words. Intercom sends dates as seconds; only the name tells that they are dates.
fn told(name: &str, kind: &Kind) -> Option<String> {
    match kind {
        Kind::NumberValue(secs) if name.ends_with("_at") || name.ends_with("_date") => {
            date(*secs).or_else(|| plain(kind))
        }
        _ => plain(kind),
    }
}

/// A day of this century; none for numbers that are no such moment.
#[expect(clippy::cast_possible_truncation, reason = "bounded before")]
fn date(secs: f64) -> Option<String> {
    (946_684_800.0..4_102_444_800.0)
        .contains(&secs)
        .then(|| DateTime::from_timestamp(secs as i64, 0))?
        .map(moment::date)
}

/// A value in words; none where it says nothing.
fn plain(kind: &Kind) -> Option<String> {
    match kind {
        Kind::NullValue(_) => None,
        Kind::BoolValue(value) => Some(if *value { "yes" } else { "no" }.to_owned()),
        Kind::NumberValue(value) => Some(value.to_string()),
        Kind::StringValue(text) if text.is_empty() => None,
        Kind::StringValue(text) => Some(shortened(text)),
        Kind::ListValue(list) => {
            let parts = list
                .values
                .iter()
                .filter_map(|value| plain(value.kind.as_ref()?));
            Some(shortened(&parts.collect::<Vec<_>>().join(", ")))
        }
        Kind::StructValue(inner) => Some(numbers::counted(
            inner.fields.len() as u64,
            "field",
            "fields",
        )),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_among_the_attributes_is_told_as_one() {
        let number = |secs| Kind::NumberValue(secs);
        for (name, kind, words) in [
            ("renewal_date", number(1_822_775_930.0), "5 Oct 2027"),
            ("renewal_date", number(12.0), "12"),
            ("seats", number(1_822_775_930.0), "1822775930"),
        ] {
            assert_eq!(told(name, &kind).as_deref(), Some(words));
        }
    }
}
