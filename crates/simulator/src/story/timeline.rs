//! What happened in a conversation, in order.

use std::sync::Arc;

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voice {
    /// A participant; 0 is who began, 1 the second of a group.
    Customer(u8),
    Admin(u64),
    Bot,
}

/// Which words were said; the text itself is made when somebody reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Words {
    Opener(u8),
    FollowUp(u8),
    Answer(u8),
    BotAnswer,
    BotHandover,
    Thanks(u8),
    StillBroken(u8),
    Note(u8),
    Closing(u8),
    Outbound(u8),
    /// Said through the control interface, as HTML.
    Given(Arc<str>),
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deed {
    Comment(Words),
    Note(Words),
    Assign {
        admin: Option<u64>,
        team: Option<u64>,
    },
    Close(Option<Words>),
    /// A customer writes to a closed conversation.
    Reopen(Words),
    /// A teammate takes a closed conversation up again.
    AssignAndReopen {
        admin: u64,
        words: Words,
    },
    NoteAndReopen(Words),
    Snooze {
        until: i64,
    },
    Rate {
        score: u8,
        remark: Option<u8>,
    },
    Prioritise(Priority),
    Tag(u64),
    Workflow,
    ReplyTimeExpected,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Priority {
    None,
    High,
    Urgent,
}

impl Priority {
    /// The word of version 2.16.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    /// Unix seconds.
    pub(crate) at: i64,
    pub(crate) by: Voice,
    pub(crate) deed: Deed,
}

/// A conversation from its first message on; the first message is not an event.
#[derive(Debug, Clone)]
pub(crate) struct Timeline {
    pub(crate) starts_at: i64,
    pub(crate) opened_by: Voice,
    pub(crate) opener: Words,
    pub(crate) events: Vec<Event>,
}

impl Deed {
    /// Intercom's `part_type`.
    pub(crate) fn part_type(&self) -> &'static str {
        match self {
            Self::Comment(_) => "comment",
            Self::Note(_) => "note",
            Self::Assign { admin: None, .. } => "default_assignment",
            Self::Assign { .. } => "assignment",
            Self::Close(_) => "close",
            Self::Reopen(_) => "open",
            Self::AssignAndReopen { .. } => "assign_and_reopen",
            Self::NoteAndReopen(_) => "note_and_reopen",
            Self::Snooze { .. } => "snoozed",
            Self::Rate { .. } => "conversation_rating_changed",
            Self::Prioritise(_) => "priority_changed",
            Self::Tag(_) => "conversation_tags_updated",
            Self::Workflow => "operator_workflow_event",
            Self::ReplyTimeExpected => "channel_and_reply_time_expectation",
        }
    }

    pub(crate) fn words(&self) -> Option<&Words> {
        match self {
            Self::Comment(words)
            | Self::Note(words)
            | Self::Reopen(words)
            | Self::NoteAndReopen(words)
            | Self::AssignAndReopen { words, .. }
            | Self::Close(Some(words)) => Some(words),
            _ => None,
        }
    }

    /// Whether the other side can read it.
    pub(crate) fn is_visible_message(&self) -> bool {
        self.words().is_some() && !matches!(self, Self::Note(_) | Self::NoteAndReopen(_))
    }

    pub(crate) fn reopens(&self) -> bool {
        matches!(
            self,
            Self::Reopen(_) | Self::AssignAndReopen { .. } | Self::NoteAndReopen(_)
        )
    }
}
