//! What happened in a conversation, in order.

use serde::{Deserialize, Serialize};

use super::names::escape_html;

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Voice {
    /// A participant; 0 is who began, 1 the second of a group.
    Customer(u8),
    Admin(u64),
    Bot,
}

/// Which words were said; the text itself is made when somebody reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// Of a rating.
    Remark(u8),
    /// Said after the epoch, as HTML.
    Given(Box<str>),
}

impl Words {
    /// Words of somebody outside the story, who writes plain text.
    pub(crate) fn given(text: &str) -> Self {
        let paragraphs = text.lines().filter(|line| !line.trim().is_empty());
        let html = paragraphs.map(|line| format!("<p>{}</p>", escape_html(line.trim_end())));
        Self::Given(html.collect::<String>().into_boxed_str())
    }
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// A teammate opens a closed conversation.
    Open,
    /// A teammate answers and hands over in one.
    ReplyAndAssign {
        admin: u64,
        words: Words,
    },
    Snooze {
        until: i64,
    },
    /// A teammate ends the snooze.
    Unsnooze,
    /// The snooze ends by itself.
    TimerUnsnooze,
    Rate {
        score: u8,
        remark: Option<Words>,
    },
    Prioritise(Priority),
    Tag(u64),
    Untag(u64),
    /// A contact, by number, takes part from now on.
    AddParticipant(u64),
    /// It gets the title of this topic.
    Retitle(u8),
    /// Its attribute for the topic becomes this one.
    Recategorise(u8),
    Workflow,
    ReplyTimeExpected,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Priority {
    None,
    Low,
    Medium,
    High,
    Urgent,
}

impl Priority {
    /// The word of version 2.16.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Begun by a teammate by hand, so open and theirs from the start; what a campaign sends stays closed.
    pub(crate) by_hand: bool,
    pub(crate) opener: Words,
    pub(crate) events: Vec<Event>,
}

impl Deed {
    /// Intercom's `part_type`.
    pub(crate) fn part_type(&self) -> &'static str {
        match self {
            Self::Comment(_) => "comment",
            Self::Note(_) => "note",
            Self::Assign {
                admin: None,
                team: Some(_),
            } => "default_assignment",
            Self::Assign { .. } | Self::ReplyAndAssign { .. } => "assignment",
            Self::Close(_) => "close",
            Self::Reopen(_) | Self::Open => "open",
            Self::AssignAndReopen { .. } => "assign_and_reopen",
            Self::NoteAndReopen(_) => "note_and_reopen",
            Self::Snooze { .. } => "snoozed",
            Self::Unsnooze => "unsnoozed",
            Self::TimerUnsnooze => "timer_unsnooze",
            Self::Rate { .. } => "conversation_rating_changed",
            Self::Prioritise(_) => "priority_changed",
            Self::Tag(_) | Self::Untag(_) => "conversation_tags_updated",
            Self::AddParticipant(_) => "participant_added",
            Self::Retitle(_) => "title_changed",
            Self::Recategorise(_) => "conversation_attribute_updated_by_admin",
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
            | Self::ReplyAndAssign { words, .. }
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
            Self::Reopen(_) | Self::Open | Self::AssignAndReopen { .. } | Self::NoteAndReopen(_)
        )
    }
}
