//! Which record a notification is about.

use super::Topic;
use super::skeleton::Kept;

/// Kinds of record that notifications speak about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AboutKind {
    /// A contact.
    Contact,
    /// A company.
    Company,
    /// A conversation.
    Conversation,
    /// A teammate.
    Admin,
    /// A ticket.
    Ticket,
}

impl AboutKind {
    /// The kind in a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Company => "company",
            Self::Conversation => "conversation",
            Self::Admin => "admin",
            Self::Ticket => "ticket",
        }
    }
}

/// The record that a notification is about. Two notifications of one record give the same one, whatever their topics.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct About {
    /// Its kind.
    pub kind: AboutKind,
    /// Intercom's id of it, unique in its workspace among records of the kind.
    pub external_id: String,
}

/// Where ids of a kind stand in items, the surest place first. An item need not say its type.
const PLACES: &[(AboutKind, &[&[&str]])] = &[
    (
        AboutKind::Conversation,
        &[
            &["conversation", "model", "id"],
            &["conversation", "id"],
            &["conversation_id"],
            &["id"],
        ],
    ),
    (
        AboutKind::Contact,
        &[&["contact", "id"], &["intercom_user_id"], &["id"]],
    ),
    (AboutKind::Company, &[&["company", "id"], &["id"]]),
    (AboutKind::Admin, &[&["admin", "id"], &["id"]]),
    (AboutKind::Ticket, &[&["ticket", "id"], &["id"]]),
];

pub(super) fn about(topic: &Topic, item: &Kept) -> Option<About> {
    let kind = kind_by_topic(topic.as_str()).or_else(|| kind_by_type(item))?;
    let (_, places) = PLACES.iter().find(|(listed, _)| *listed == kind)?;
    let external_id = places.iter().find_map(|place| item.text(place))?;
    Some(About { kind, external_id })
}

fn kind_by_topic(topic: &str) -> Option<AboutKind> {
    let family = topic.split('.').next()?;
    match family {
        // The relation is the contact's.
        "company" if topic.starts_with("company.contact.") => Some(AboutKind::Contact),
        "company" => Some(AboutKind::Company),
        "contact" | "visitor" | "event" | "granular" => Some(AboutKind::Contact),
        "conversation" | "conversation_part" => Some(AboutKind::Conversation),
        // Its item is an entry of a log.
        "admin" if topic.starts_with("admin.activity_log_event.") => None,
        "admin" => Some(AboutKind::Admin),
        "ticket" => Some(AboutKind::Ticket),
        _ => None,
    }
}

fn kind_by_type(item: &Kept) -> Option<AboutKind> {
    let said = item.text(&["type"])?;
    PLACES
        .iter()
        .map(|(kind, _)| *kind)
        .find(|kind| kind.as_str() == said)
}
