use chrono::{DateTime, Utc};
use harken_intercom::{
    models::Contact,
    webhook::{AboutKind, Item, Notification, Topic},
};

use super::Heard;
use crate::{
    outbound::postgres::{notifications::Outcome, repairs::RepairKind},
    rules::{
        Cause,
        fold::{ConversationSight, Origin},
        topics::Effect,
    },
};

/// What a notification says, before anything is asked of the store.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) meaning: Meaning,
    /// The record it speaks about, if it is one that can be fetched.
    pub(super) about: Option<(RepairKind, String)>,
    /// When it happened.
    pub(super) told_at: DateTime<Utc>,
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum Meaning {
    Conversation(Box<ConversationSight>, Cause),
    GoneConversation(String),
    Contact(Box<Contact>, Cause),
    /// Taken in, and fetched for its tags.
    RetaggedContact(Box<Contact>),
    ArchivedContact(String),
    UnarchivedContact(Box<Contact>),
    GoneContact(String),
    Merged {
        survivor: Box<Contact>,
        absorbed: Option<String>,
    },
    ConversationContact {
        conversation_id: String,
        contact: Box<Contact>,
    },
    CompanyContact(Box<Contact>, String),
    Company(Box<harken_intercom::models::Company>),
    GoneCompany(String),
    /// It holds ids only: its record is fetched.
    Fetch,
    Unknown,
    Nothing(Outcome),
    /// Nobody can read it.
    Unreadable {
        reason: &'static str,
        error: String,
    },
}

impl Reading {
    pub(super) fn of(heard: &Heard) -> Self {
        let notification = match Notification::read(&heard.body) {
            Ok(notification) => notification,
            Err(error) => {
                return Self {
                    meaning: Meaning::Unreadable {
                        reason: "unreadable",
                        error: error.to_string(),
                    },
                    about: None,
                    told_at: heard.received_at,
                };
            }
        };
        let told_at = notification.created_at.unwrap_or(heard.received_at);
        Self {
            about: about(&notification),
            meaning: meaning(&notification, heard, told_at),
            told_at,
        }
    }

    /// Leaves of it that a conversation or a company has to be fetched; who else it names is not to be known.
    pub(super) fn reduce_to_fetch(&mut self) {
        self.about
            .take_if(|(kind, _)| !matches!(kind, RepairKind::Conversation | RepairKind::Company));
        self.meaning = if self.about.is_some() {
            Meaning::Fetch
        } else {
            Meaning::Nothing(Outcome::Ignored)
        };
    }

    /// Ids of tags whose names it does not tell.
    pub(super) fn tags(&self) -> impl Iterator<Item = String> + '_ {
        let contact = match &self.meaning {
            Meaning::Contact(contact, _)
            | Meaning::RetaggedContact(contact)
            | Meaning::UnarchivedContact(contact)
            | Meaning::CompanyContact(contact, _)
            | Meaning::ConversationContact { contact, .. }
            | Meaning::Merged {
                survivor: contact, ..
            } => Some(contact),
            _ => None,
        };
        let tags = contact.into_iter().flat_map(|contact| contact.tags());
        tags.map(|tag| tag.id.clone())
    }
}

pub(super) fn about(notification: &Notification<'_>) -> Option<(RepairKind, String)> {
    let about = notification.about()?;
    let kind = match about.kind {
        AboutKind::Conversation => RepairKind::Conversation,
        AboutKind::Contact => RepairKind::Contact,
        AboutKind::Company => RepairKind::Company,
        _ => return None,
    };
    Some((kind, about.external_id))
}

fn meaning(notification: &Notification<'_>, heard: &Heard, told_at: DateTime<Utc>) -> Meaning {
    let effect = Effect::of(&notification.topic);
    match effect {
        Effect::Ignore(_) => return Meaning::Nothing(Outcome::Ignored),
        Effect::Unknown => return Meaning::Unknown,
        _ => {}
    }
    let unreadable = |error: String| Meaning::Unreadable {
        reason: "unreadable_item",
        error,
    };
    let Some(raw) = notification.raw_item() else {
        return unreadable("the notification has no item".to_owned());
    };
    let read = if heard.veiled {
        Item::read_veiled
    } else {
        Item::read
    };
    let item = match read(&notification.topic, raw) {
        Ok(item) => item,
        Err(error) => return unreadable(error.to_string()),
    };
    if heard.ids_only {
        return from_ids(item);
    }
    match (item, effect) {
        (Item::Conversation(conversation), Effect::ApplyConversation(cause)) => {
            let sight = ConversationSight::new(*conversation, (Origin::Notified, told_at));
            Meaning::Conversation(Box::new(sight), cause)
        }
        (Item::Contact(contact), Effect::ApplyContact(cause)) => Meaning::Contact(contact, cause),
        (Item::Contact(contact), Effect::RetagContact) => Meaning::RetaggedContact(contact),
        (Item::Contact(contact), Effect::UnarchiveContact) => Meaning::UnarchivedContact(contact),
        (Item::GoneConversation { id }, _) => Meaning::GoneConversation(id),
        (Item::GoneContact { id }, _) => Meaning::GoneContact(id),
        (Item::GoneCompany { id }, _) => Meaning::GoneCompany(id),
        (Item::ArchivedContact { id }, _) => Meaning::ArchivedContact(id),
        (Item::MergedContact { survivor, absorbed }, _) => Meaning::Merged { survivor, absorbed },
        (
            Item::ConversationContact {
                conversation_id,
                contact,
            },
            _,
        ) => Meaning::ConversationContact {
            conversation_id,
            contact,
        },
        (
            Item::CompanyContact {
                company_id,
                contact,
            },
            _,
        ) => Meaning::CompanyContact(contact, company_id),
        (Item::Company(company), _) => Meaning::Company(company),
        (item, _) => unreadable(format!(
            "{} carries {item:?}",
            Topic::as_str(&notification.topic)
        )),
    }
}

/// Ids suffice to delete; anything else has to be fetched.
fn from_ids(item: Item) -> Meaning {
    match item {
        Item::GoneConversation { id } => Meaning::GoneConversation(id),
        Item::GoneContact { id } => Meaning::GoneContact(id),
        Item::GoneCompany { id } => Meaning::GoneCompany(id),
        Item::ArchivedContact { id } => Meaning::ArchivedContact(id),
        _ => Meaning::Fetch,
    }
}
