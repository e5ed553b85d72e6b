use chrono::{DateTime, Utc};
use harken_domain::{AuthorKind, ConversationStatus};
use serde::Deserialize;

use super::{Author, Extra, MOST_BYTES, Part, Source, Statistics, Tag, prints_its_id};
use crate::{extra::keeps_extra, lenient};

/// A conversation. Lists and searches give it without parts.
#[derive(Clone, Default, Deserialize)]
#[serde(default, remote = "Self")]
pub struct Conversation {
    /// Intercom's id.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// Its title; notifications and e-mail set it, chats seldom do.
    #[serde(deserialize_with = "lenient::words")]
    pub title: Option<String>,
    /// When it began.
    #[serde(deserialize_with = "lenient::moment")]
    pub created_at: Option<DateTime<Utc>>,
    /// When Intercom last changed it.
    #[serde(deserialize_with = "lenient::moment")]
    pub updated_at: Option<DateTime<Utc>>,
    /// Since when the contact waits for a teammate.
    #[serde(deserialize_with = "lenient::moment")]
    pub waiting_since: Option<DateTime<Utc>>,
    /// Until when it is put off.
    #[serde(deserialize_with = "lenient::moment")]
    pub snoozed_until: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient::status")]
    pub(crate) state: Option<ConversationStatus>,
    #[serde(deserialize_with = "lenient::flag")]
    pub(crate) open: bool,
    #[serde(deserialize_with = "lenient::word")]
    pub(crate) priority: String,
    /// The teammate who owns it.
    #[serde(deserialize_with = "lenient::somebody")]
    pub admin_assignee_id: Option<String>,
    /// The team that owns it.
    #[serde(deserialize_with = "lenient::somebody")]
    pub team_assignee_id: Option<String>,
    /// The opening message; it is not among the parts.
    #[serde(deserialize_with = "lenient::object")]
    pub source: Option<Source>,
    /// Contacts who take part.
    #[serde(deserialize_with = "lenient::members")]
    pub contacts: Vec<Participant>,
    /// Teammates who take part; under `admins` in fact, under `teammates` by the description.
    #[serde(deserialize_with = "lenient::members")]
    pub teammates: Vec<Participant>,
    /// Its tags, with names.
    #[serde(deserialize_with = "lenient::members")]
    pub tags: Vec<Tag>,
    /// What Intercom counts.
    #[serde(deserialize_with = "lenient::object")]
    pub statistics: Option<Statistics>,
    /// Whether Fin took part.
    #[serde(deserialize_with = "lenient::flag")]
    pub ai_agent_participated: bool,
    #[serde(rename = "conversation_parts", deserialize_with = "lenient::object")]
    pub(crate) parts: Option<Parts>,
    /// What Intercom says beside these fields, at most 32 KiB.
    #[serde(skip)]
    pub extra: Extra,
}

/// Somebody who takes part in a conversation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Participant {
    /// Intercom's id.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Parts {
    #[serde(rename = "conversation_parts", deserialize_with = "lenient::list")]
    pub(crate) given: Vec<Part>,
    #[serde(deserialize_with = "lenient::count")]
    pub(crate) total_count: Option<u64>,
}

/// How urgent a conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConversationPriority {
    /// `none`, and `not_priority` up to 2.15.
    None,
    /// `low`.
    Low,
    /// `medium`.
    Medium,
    /// `high`, and `priority` up to 2.15.
    High,
    /// `urgent`.
    Urgent,
}

/// Ids of those who are listed; of the contact who began it where nobody is.
pub(super) fn participants(listed: &[Participant], author: Option<&Author>) -> Vec<String> {
    let mut ids: Vec<String> = listed
        .iter()
        .map(|contact| contact.id.clone())
        .filter(|id| !id.is_empty())
        .collect();
    if ids.is_empty() {
        let contact = author.filter(|author| author.kind() == AuthorKind::Contact);
        ids.extend(contact.and_then(|author| author.id.clone()));
    }
    ids.dedup();
    ids
}

impl Conversation {
    /// Most parts that Intercom gives: the latest ones, and there is no next page.
    pub const MOST_PARTS: usize = 500;

    /// Its state; where `state` is missing or new, `open` has to tell.
    pub fn status(&self) -> ConversationStatus {
        self.state.unwrap_or(if self.open {
            ConversationStatus::Open
        } else {
            ConversationStatus::Closed
        })
    }

    /// Its priority, in either vocabulary.
    pub fn priority(&self) -> ConversationPriority {
        match self.priority.as_str() {
            "low" => ConversationPriority::Low,
            "medium" => ConversationPriority::Medium,
            "high" | "priority" => ConversationPriority::High,
            "urgent" => ConversationPriority::Urgent,
            _ => ConversationPriority::None,
        }
    }

    /// Intercom's ids of the contacts who take part. Where the list is empty, the contact who began it.
    pub fn contact_ids(&self) -> Vec<String> {
        let source = self.source.as_ref();
        let author = source.and_then(|source| source.author.as_ref());
        participants(&self.contacts, author)
    }

    /// Its parts as far as they were given.
    pub fn parts(&self) -> &[Part] {
        self.parts.as_ref().map_or(&[], |parts| &parts.given)
    }

    /// Gives away its parts.
    pub fn take_parts(&mut self) -> Vec<Part> {
        self.parts
            .as_mut()
            .map(|parts| std::mem::take(&mut parts.given))
            .unwrap_or_default()
    }

    /// Gives away what it says beside its fields, what its statistics say beside theirs included.
    pub fn take_whole_extra(&mut self) -> Extra {
        let mut extra = std::mem::take(&mut self.extra);
        if let Some(statistics) = &mut self.statistics {
            extra.adopt(
                "statistics",
                std::mem::take(&mut statistics.extra),
                MOST_BYTES,
            );
        }
        extra
    }

    /// How many parts Intercom says the answer's list has.
    pub fn parts_listed(&self) -> Option<u64> {
        self.parts.as_ref()?.total_count
    }
}

prints_its_id!(Conversation);

keeps_extra!(Conversation, MOST_BYTES);
