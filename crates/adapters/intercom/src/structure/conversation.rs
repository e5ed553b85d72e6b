use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Part, PersonId, Pseudonym, RawId, Source, Statistics, Veil, Veiled, person};
use crate::{
    lenient,
    models::{self, Tag},
};

/// A conversation: its life, its times, how it is routed and tagged, and who takes part.
#[derive(Deserialize, Serialize)]
#[serde(bound(deserialize = "P: PersonId"))]
pub(crate) struct Conversation<P> {
    #[serde(default, deserialize_with = "lenient::code")]
    pub(crate) id: String,
    #[serde(default, deserialize_with = "lenient::moment")]
    created_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient::moment")]
    updated_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient::moment")]
    waiting_since: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient::moment")]
    snoozed_until: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient::code")]
    state: String,
    #[serde(default, deserialize_with = "lenient::flag")]
    open: bool,
    #[serde(default, deserialize_with = "lenient::code")]
    priority: String,
    #[serde(default, deserialize_with = "person::person")]
    admin_assignee_id: Option<P>,
    #[serde(default, deserialize_with = "lenient::code_of_somebody")]
    team_assignee_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::object")]
    source: Option<Source<P>>,
    #[serde(default = "Vec::new", deserialize_with = "lenient::members")]
    contacts: Vec<Participant<P>>,
    #[serde(default = "Vec::new", deserialize_with = "lenient::members")]
    teammates: Vec<Participant<P>>,
    #[serde(default, deserialize_with = "lenient::members")]
    tags: Vec<Tag>,
    #[serde(default, deserialize_with = "lenient::object")]
    statistics: Option<Statistics>,
    #[serde(default, deserialize_with = "lenient::flag")]
    ai_agent_participated: bool,
    #[serde(
        default,
        rename = "conversation_parts",
        deserialize_with = "lenient::object"
    )]
    parts: Option<Parts<P>>,
}

/// Somebody who takes part.
#[derive(Deserialize, Serialize)]
#[serde(bound(deserialize = "P: PersonId"))]
pub(crate) struct Participant<P> {
    #[serde(default, deserialize_with = "person::person")]
    id: Option<P>,
}

/// Parts as far as they are given.
#[derive(Deserialize, Serialize)]
#[serde(bound(deserialize = "P: PersonId"))]
pub(crate) struct Parts<P> {
    #[serde(
        default = "Vec::new",
        rename = "conversation_parts",
        deserialize_with = "lenient::list"
    )]
    given: Vec<Part<P>>,
    #[serde(default, deserialize_with = "lenient::count")]
    total_count: Option<u64>,
}

impl Conversation<RawId> {
    pub(crate) fn hidden(self, hide: &impl Fn(RawId) -> Pseudonym) -> Conversation<Pseudonym> {
        let participants = |all: Vec<Participant<RawId>>| {
            let hidden = all.into_iter().map(|one| Participant {
                id: one.id.map(hide),
            });
            hidden.collect()
        };
        Conversation {
            id: self.id,
            created_at: self.created_at,
            updated_at: self.updated_at,
            waiting_since: self.waiting_since,
            snoozed_until: self.snoozed_until,
            state: self.state,
            open: self.open,
            priority: self.priority,
            admin_assignee_id: self.admin_assignee_id.map(hide),
            team_assignee_id: self.team_assignee_id,
            source: self.source.map(|source| source.hidden(hide)),
            contacts: participants(self.contacts),
            teammates: participants(self.teammates),
            tags: self.tags,
            statistics: self.statistics,
            ai_agent_participated: self.ai_agent_participated,
            parts: self.parts.map(|parts| Parts {
                given: parts
                    .given
                    .into_iter()
                    .map(|part| part.hidden(hide))
                    .collect(),
                total_count: parts.total_count,
            }),
        }
    }
}

impl From<Participant<Pseudonym>> for models::Participant {
    fn from(participant: Participant<Pseudonym>) -> Self {
        Self {
            id: participant.id.map_or_else(String::new, String::from),
        }
    }
}

impl From<Conversation<Pseudonym>> for models::Conversation {
    fn from(conversation: Conversation<Pseudonym>) -> Self {
        let Conversation {
            id,
            created_at,
            updated_at,
            waiting_since,
            snoozed_until,
            state,
            open,
            priority,
            admin_assignee_id,
            team_assignee_id,
            source,
            contacts,
            teammates,
            tags,
            statistics,
            ai_agent_participated,
            parts,
        } = conversation;
        Self {
            id,
            created_at,
            updated_at,
            waiting_since,
            snoozed_until,
            state: state.parse().ok(),
            open,
            priority,
            admin_assignee_id: admin_assignee_id.map(String::from),
            team_assignee_id,
            source: source.map(Into::into),
            contacts: contacts.into_iter().map(Into::into).collect(),
            teammates: teammates.into_iter().map(Into::into).collect(),
            tags,
            statistics: statistics.map(Into::into),
            ai_agent_participated,
            parts: parts.map(|parts| models::Parts {
                given: parts.given.into_iter().map(Into::into).collect(),
                total_count: parts.total_count,
            }),
            ..Self::default()
        }
    }
}

impl Veiled for models::FoundConversation {
    type Structure = Conversation<RawId>;

    fn veiled(structure: Conversation<RawId>, veil: &Veil) -> Self {
        models::Conversation::veiled(structure, veil).into()
    }
}

impl Veiled for models::Conversation {
    type Structure = Conversation<RawId>;

    fn veiled(structure: Conversation<RawId>, veil: &Veil) -> Self {
        structure.hidden(&|id| veil.hide(id)).into()
    }
}
