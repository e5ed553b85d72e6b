use chrono::{DateTime, Utc};
use harken_domain::{AuthorKind, ConversationStatus};

/// What is heard of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Conversation {
    pub(crate) status: ConversationStatus,
    pub(crate) created_at: Option<DateTime<Utc>>,
    pub(crate) updated_at: DateTime<Utc>,
    /// Intercom's own measure, office hours.
    pub(crate) resolution_secs: Option<i64>,
    pub(crate) reopen_count: u32,
    pub(crate) last_closed_at: Option<DateTime<Utc>>,
    pub(crate) last_contact_reply_at: Option<DateTime<Utc>>,
    pub(crate) last_admin_reply_at: Option<DateTime<Utc>>,
    pub(crate) parts_complete: bool,
    /// What is held of its parts, oldest first.
    pub(crate) moments: Vec<Moment>,
}

/// One part of a conversation, without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) at: DateTime<Utc>,
    pub(crate) author: AuthorKind,
    pub(crate) kind: MomentKind,
    pub(crate) is_visible_message: bool,
    pub(crate) is_reopening: bool,
}

/// What a part is, as far as a score cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MomentKind {
    /// The first message; known even where the parts after it are not held.
    Opening,
    Close,
    Other,
}

/// What a score needs of a conversation, at any later moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Signal {
    pub(crate) status: ConversationStatus,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) last_closed_at: Option<DateTime<Utc>>,
    /// How long the last close took to come.
    pub(crate) resolution_secs: Option<i64>,
    pub(crate) parts: PartsHeld,
    /// Reopenings among the parts held.
    pub(crate) reopened_at: Vec<DateTime<Utc>>,
    /// Reopenings as Intercom counts.
    pub(crate) reopen_count: u32,
    pub(crate) last_visible_message_at: Option<DateTime<Utc>>,
    /// Latest message of a human admin.
    pub(crate) last_admin_message_at: Option<DateTime<Utc>>,
    /// The admin's message that nobody answered in this conversation.
    pub(crate) unanswered_since: Option<DateTime<Utc>>,
    /// Whether the parts told that; if not, a later reply of the customer anywhere counts as the answer.
    pub(crate) unanswered_by_parts: bool,
}

/// How far back the parts of a conversation are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PartsHeld {
    All,
    Since(DateTime<Utc>),
    None,
}

impl PartsHeld {
    /// Whether everything from `moment` on is held.
    pub(crate) fn reach_back_to(self, moment: DateTime<Utc>) -> bool {
        match self {
            Self::All => true,
            Self::Since(oldest) => oldest <= moment,
            Self::None => false,
        }
    }

    /// The oldest part of an incomplete tail.
    pub(crate) fn oldest(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Since(oldest) => Some(oldest),
            Self::All | Self::None => None,
        }
    }
}

impl Signal {
    /// Keeps of a conversation what counts.
    pub(crate) fn of(conversation: &Conversation) -> Self {
        let moments = || conversation.moments.iter();
        let last_close = moments()
            .filter(|moment| moment.kind == MomentKind::Close)
            .map(|moment| moment.at)
            .max();
        let last_closed_at = conversation.last_closed_at.or(last_close);
        let told = conversation.resolution_secs.filter(|secs| *secs >= 0);
        let messages = Messages::of(conversation);
        Self {
            status: conversation.status,
            updated_at: conversation.updated_at,
            last_closed_at,
            resolution_secs: told.or_else(|| {
                let took = last_close.or(last_closed_at)? - conversation.created_at?;
                Some(took.num_seconds().max(0))
            }),
            parts: parts_held(conversation),
            reopened_at: moments()
                .filter(|moment| moment.is_reopening)
                .map(|moment| moment.at)
                .collect(),
            reopen_count: conversation.reopen_count,
            last_visible_message_at: messages.last_at,
            last_admin_message_at: messages.last_by_admin_at,
            unanswered_since: messages.unanswered_since,
            unanswered_by_parts: messages.told_by_parts,
        }
    }
}

fn parts_held(conversation: &Conversation) -> PartsHeld {
    if conversation.parts_complete {
        return PartsHeld::All;
    }
    let tail = conversation
        .moments
        .iter()
        .filter(|moment| moment.kind != MomentKind::Opening);
    tail.map(|moment| moment.at)
        .min()
        .map_or(PartsHeld::None, PartsHeld::Since)
}

struct Messages {
    last_at: Option<DateTime<Utc>>,
    last_by_admin_at: Option<DateTime<Utc>>,
    unanswered_since: Option<DateTime<Utc>>,
    told_by_parts: bool,
}

impl Messages {
    fn of(conversation: &Conversation) -> Self {
        // The opening message says nothing about what came last where the parts after it are missing.
        let held = conversation.moments.iter().filter(|moment| {
            moment.is_visible_message
                && (conversation.parts_complete || moment.kind != MomentKind::Opening)
        });
        let by_admin = held
            .clone()
            .filter(|moment| moment.author == AuthorKind::Admin);
        let last_by_admin_at = by_admin.map(|moment| moment.at).max();
        match held.max_by_key(|moment| moment.at) {
            Some(last) => Self {
                last_at: Some(last.at),
                last_by_admin_at: last_by_admin_at.or(conversation.last_admin_reply_at),
                unanswered_since: (last.author == AuthorKind::Admin).then_some(last.at),
                told_by_parts: true,
            },
            None if conversation.parts_complete => Self {
                last_at: None,
                last_by_admin_at: None,
                unanswered_since: None,
                told_by_parts: true,
            },
            None => Self::by_statistics(conversation),
        }
    }

    fn by_statistics(conversation: &Conversation) -> Self {
        let [contact, admin] = [
            conversation.last_contact_reply_at,
            conversation.last_admin_reply_at,
        ];
        Self {
            last_at: contact.max(admin).or(conversation.created_at),
            last_by_admin_at: admin,
            // `None` is before every moment.
            unanswered_since: admin.filter(|_| contact <= admin),
            told_by_parts: false,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use chrono::TimeDelta;

    use super::*;

    pub(crate) fn day(day: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::days(day)
    }

    pub(crate) fn conversation(status: ConversationStatus) -> Conversation {
        Conversation {
            status,
            created_at: Some(day(0)),
            updated_at: day(0),
            resolution_secs: None,
            reopen_count: 0,
            last_closed_at: None,
            last_contact_reply_at: None,
            last_admin_reply_at: None,
            parts_complete: true,
            moments: Vec::new(),
        }
    }

    pub(crate) fn said(author: AuthorKind, at: DateTime<Utc>) -> Moment {
        Moment {
            at,
            author,
            kind: MomentKind::Other,
            is_visible_message: true,
            is_reopening: false,
        }
    }

    fn opened(at: DateTime<Utc>) -> Moment {
        Moment {
            kind: MomentKind::Opening,
            ..said(AuthorKind::Contact, at)
        }
    }

    #[test]
    fn the_last_word_decides_whether_an_answer_is_missing() {
        use AuthorKind::{Admin, Bot, Contact, Team};
        for (authors, unanswered, admin) in [
            (vec![Contact], None, None),
            (vec![Contact, Admin], Some(day(1)), Some(day(1))),
            (vec![Contact, Admin, Admin], Some(day(2)), Some(day(2))),
            (vec![Contact, Admin, Contact], None, Some(day(1))),
            (vec![Contact, Admin, Bot], None, Some(day(1))),
            (vec![Contact, Team], None, None),
            (vec![], None, None),
        ] {
            let moments = (0_i64..)
                .zip(&authors)
                .map(|(at, author)| said(*author, day(at)));
            let signal = Signal::of(&Conversation {
                moments: moments.collect(),
                ..conversation(ConversationStatus::Open)
            });
            assert_eq!(signal.unanswered_since, unanswered, "{authors:?}");
            assert_eq!(signal.last_admin_message_at, admin, "{authors:?}");
            assert!(signal.unanswered_by_parts);
        }
    }

    #[test]
    fn internal_notes_are_no_messages() {
        let note = Moment {
            is_visible_message: false,
            ..said(AuthorKind::Admin, day(2))
        };
        let signal = Signal::of(&Conversation {
            moments: vec![opened(day(0)), note],
            ..conversation(ConversationStatus::Open)
        });
        assert_eq!(signal.last_visible_message_at, Some(day(0)));
        assert_eq!(
            (signal.unanswered_since, signal.last_admin_message_at),
            (None, None)
        );
    }

    #[test]
    fn of_two_messages_in_one_second_the_later_one_is_the_last() {
        let signal = Signal::of(&Conversation {
            moments: vec![
                said(AuthorKind::Admin, day(1)),
                said(AuthorKind::Contact, day(1)),
            ],
            ..conversation(ConversationStatus::Open)
        });
        assert_eq!(signal.unanswered_since, None);
    }

    #[test]
    fn without_parts_the_statistics_tell_who_spoke_last() {
        for (contact, admin, unanswered, last) in [
            (None, None, None, Some(day(0))),
            (Some(1), None, None, Some(day(1))),
            (None, Some(2), Some(day(2)), Some(day(2))),
            (Some(1), Some(2), Some(day(2)), Some(day(2))),
            (Some(3), Some(2), None, Some(day(3))),
        ] {
            let signal = Signal::of(&Conversation {
                parts_complete: false,
                last_contact_reply_at: contact.map(day),
                last_admin_reply_at: admin.map(day),
                moments: vec![opened(day(0))],
                ..conversation(ConversationStatus::Open)
            });
            assert_eq!(signal.unanswered_since, unanswered);
            assert_eq!(signal.last_visible_message_at, last);
            assert!(!signal.unanswered_by_parts);
            assert_eq!(signal.parts, PartsHeld::None);
        }
    }

    #[test]
    fn a_tail_of_parts_tells_who_spoke_last_and_how_far_it_reaches() {
        let signal = Signal::of(&Conversation {
            parts_complete: false,
            moments: vec![opened(day(0)), said(AuthorKind::Admin, day(40))],
            ..conversation(ConversationStatus::Open)
        });
        assert_eq!(signal.parts, PartsHeld::Since(day(40)));
        assert_eq!(signal.unanswered_since, Some(day(40)));
        assert!(signal.parts.reach_back_to(day(41)));
        assert!(!signal.parts.reach_back_to(day(39)));
    }

    #[test]
    fn resolution_is_intercoms_measure_or_else_the_last_close() {
        let close = |at| Moment {
            kind: MomentKind::Close,
            is_visible_message: false,
            ..said(AuthorKind::Admin, at)
        };
        let closed = Conversation {
            moments: vec![opened(day(0)), close(day(1)), close(day(3))],
            ..conversation(ConversationStatus::Closed)
        };
        let by_parts = Signal::of(&closed);
        assert_eq!(by_parts.resolution_secs, Some(3 * 86_400));
        assert_eq!(by_parts.last_closed_at, Some(day(3)));
        let told = Conversation {
            resolution_secs: Some(14_400),
            ..closed
        };
        assert_eq!(Signal::of(&told).resolution_secs, Some(14_400));
        let only_the_time = Conversation {
            last_closed_at: Some(day(2)),
            moments: vec![],
            ..told
        };
        let only_the_time = Conversation {
            resolution_secs: None,
            ..only_the_time
        };
        assert_eq!(Signal::of(&only_the_time).resolution_secs, Some(2 * 86_400));
    }

    #[test]
    fn reopenings_keep_their_moments() {
        let again = Moment {
            is_reopening: true,
            ..said(AuthorKind::Contact, day(5))
        };
        let signal = Signal::of(&Conversation {
            moments: vec![opened(day(0)), again],
            ..conversation(ConversationStatus::Open)
        });
        assert_eq!(signal.reopened_at, [day(5)]);
    }
}
