//! What can happen in a workspace after its story's epoch; the journal is a list of these.

use serde::{Deserialize, Serialize};

use crate::story::{Channel, Event, Voice, Words};

/// A fact. Contacts, companies and conversations stand by their number; times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(crate) enum Change {
    ConversationStarted(Started),
    /// One more part.
    Happened {
        conversation: u64,
        event: Event,
    },
    /// The words of a part, or of the first message where `part` is none, are taken away.
    Redacted {
        conversation: u64,
        part: Option<u64>,
        at: i64,
    },
    ConversationDeleted {
        conversation: u64,
        at: i64,
    },
    ContactAdded(Added),
    ContactEdited {
        contact: u64,
        edit: Edit,
        at: i64,
    },
    ContactArchived {
        contact: u64,
        at: i64,
    },
    ContactUnarchived {
        contact: u64,
        at: i64,
    },
    ContactDeleted {
        contact: u64,
        at: i64,
    },
    LeadSignedUp {
        contact: u64,
        at: i64,
    },
    LeadMerged {
        lead: u64,
        into: u64,
        at: i64,
    },
    ContactTagged {
        contact: u64,
        tag: u64,
        at: i64,
    },
    ContactUntagged {
        contact: u64,
        tag: u64,
        at: i64,
    },
    CompanyAttached {
        contact: u64,
        company: u64,
        at: i64,
    },
    CompanyDetached {
        contact: u64,
        company: u64,
        at: i64,
    },
    CompanyRenamed {
        company: u64,
        name: String,
        at: i64,
    },
}

/// A conversation that the story does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Started {
    pub(crate) contact: u64,
    pub(crate) by: Voice,
    pub(crate) words: Words,
    pub(crate) topic: u8,
    pub(crate) channel: Channel,
    pub(crate) at: i64,
}

/// A contact that the story does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Added {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) external_id: Option<String>,
    pub(crate) lead: bool,
    pub(crate) at: i64,
}

/// What becomes different about a contact; none stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Edit {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) unsubscribed: Option<bool>,
}

impl Change {
    /// Unix seconds.
    pub(crate) fn at(&self) -> i64 {
        match self {
            Self::ConversationStarted(started) => started.at,
            Self::Happened { event, .. } => event.at,
            Self::ContactAdded(added) => added.at,
            Self::Redacted { at, .. }
            | Self::ConversationDeleted { at, .. }
            | Self::ContactEdited { at, .. }
            | Self::ContactArchived { at, .. }
            | Self::ContactUnarchived { at, .. }
            | Self::ContactDeleted { at, .. }
            | Self::LeadSignedUp { at, .. }
            | Self::LeadMerged { at, .. }
            | Self::ContactTagged { at, .. }
            | Self::ContactUntagged { at, .. }
            | Self::CompanyAttached { at, .. }
            | Self::CompanyDetached { at, .. }
            | Self::CompanyRenamed { at, .. } => *at,
        }
    }
}

impl Change {
    /// The contact this happens to, for changes of existing contacts alone; the lead of a merge.
    pub(crate) fn contact(&self) -> Option<u64> {
        match self {
            Self::ContactEdited { contact, .. }
            | Self::ContactArchived { contact, .. }
            | Self::ContactUnarchived { contact, .. }
            | Self::ContactDeleted { contact, .. }
            | Self::LeadSignedUp { contact, .. }
            | Self::LeadMerged { lead: contact, .. }
            | Self::ContactTagged { contact, .. }
            | Self::ContactUntagged { contact, .. }
            | Self::CompanyAttached { contact, .. }
            | Self::CompanyDetached { contact, .. } => Some(*contact),
            _ => None,
        }
    }

    /// The same change, not before `earliest`.
    pub(super) fn not_before(mut self, earliest: i64) -> Self {
        match &mut self {
            Self::ConversationStarted(Started { at, .. })
            | Self::Happened {
                event: Event { at, .. },
                ..
            }
            | Self::ContactAdded(Added { at, .. })
            | Self::Redacted { at, .. }
            | Self::ConversationDeleted { at, .. }
            | Self::ContactEdited { at, .. }
            | Self::ContactArchived { at, .. }
            | Self::ContactUnarchived { at, .. }
            | Self::ContactDeleted { at, .. }
            | Self::LeadSignedUp { at, .. }
            | Self::LeadMerged { at, .. }
            | Self::ContactTagged { at, .. }
            | Self::ContactUntagged { at, .. }
            | Self::CompanyAttached { at, .. }
            | Self::CompanyDetached { at, .. }
            | Self::CompanyRenamed { at, .. } => *at = (*at).max(earliest),
        }
        self
    }
}
