//! Records as they are after a step.

/// A contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::drill) struct Contact {
    pub(in crate::drill) created_at: i64,
    pub(in crate::drill) updated_at: i64,
    pub(in crate::drill) last_seen_at: i64,
    /// A custom attribute, so that an update changes something.
    pub(in crate::drill) seats: u32,
}

/// A conversation without its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::drill) struct Head {
    pub(in crate::drill) status: Status,
    pub(in crate::drill) opening: u8,
    pub(in crate::drill) is_urgent: bool,
    pub(in crate::drill) rating: Option<u8>,
    pub(in crate::drill) assignee: Option<u8>,
    pub(in crate::drill) created_at: i64,
    pub(in crate::drill) updated_at: i64,
    pub(in crate::drill) first_assigned_at: Option<i64>,
    pub(in crate::drill) first_answered_at: Option<i64>,
    pub(in crate::drill) last_answered_at: Option<i64>,
    pub(in crate::drill) last_asked_at: i64,
    pub(in crate::drill) first_closed_at: Option<i64>,
    pub(in crate::drill) last_closed_at: Option<i64>,
    pub(in crate::drill) reopens: u32,
    pub(in crate::drill) assignments: u32,
    /// Parts so far, the opening message left out.
    pub(in crate::drill) parts: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::drill) enum Status {
    Open,
    Closed,
}

impl Status {
    pub(in crate::drill) const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// A part as a notification carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::drill) struct Said {
    pub(in crate::drill) number: u8,
    pub(in crate::drill) part_type: &'static str,
    pub(in crate::drill) author: Author,
    /// Which sentence; none where something only happened.
    pub(in crate::drill) words: Option<u8>,
    pub(in crate::drill) created_at: i64,
    pub(in crate::drill) updated_at: i64,
    pub(in crate::drill) redacted: bool,
    /// State of the conversation when it was said.
    pub(in crate::drill) status: Status,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::drill) enum Author {
    Customer,
    Agent(u8),
    Bot,
}

/// Intercom's ids of teammates begin here.
const FIRST_AGENT: u32 = 8_210_441;
/// Intercom's id of the bot.
const BOT: u32 = 8_210_400;

impl Author {
    /// Intercom's id of somebody who is no contact.
    pub(in crate::drill) fn teammate_id(self) -> Option<u32> {
        match self {
            Self::Customer => None,
            Self::Agent(which) => Some(FIRST_AGENT + u32::from(which)),
            Self::Bot => Some(BOT),
        }
    }
}
