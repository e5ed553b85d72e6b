use super::{Factor, measure::lasting_secs};

/// What happened to a record, in the product's words. The weightiest is the greatest: it speaks for all of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    Imported,
    ContactUpdated,
    ContactCreated,
    ConversationUpdated,
    PartCreated,
    PartRedacted,
    ConversationAssigned,
    ConversationClosed,
    ConversationReopened,
    ConversationCreated,
    ConversationDeleted,
    ContactDeleted,
}

impl Cause {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::ContactUpdated => "contact.updated",
            Self::ContactCreated => "contact.created",
            Self::ConversationUpdated => "conversation.updated",
            Self::PartCreated => "conversation_part.created",
            Self::PartRedacted => "conversation_part.redacted",
            Self::ConversationAssigned => "conversation.assigned",
            Self::ConversationClosed => "conversation.closed",
            Self::ConversationReopened => "conversation.reopened",
            Self::ConversationCreated => "conversation.created",
            Self::ConversationDeleted => "conversation.deleted",
            Self::ContactDeleted => "contact.deleted",
        }
    }
}

/// What happened around a customer in one moment: the weightiest cause, and how often it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Occasion {
    pub(crate) cause: Cause,
    pub(crate) times: u32,
    /// How long a conversation that was closed had taken; of several, one.
    pub(crate) took_secs: Option<i64>,
    /// Whether an admin has the last word in it.
    pub(crate) admin_spoke_last: bool,
}

impl Occasion {
    /// Something that happened once.
    pub(crate) const fn of(cause: Cause) -> Self {
        Self {
            cause,
            times: 1,
            took_secs: None,
            admin_spoke_last: false,
        }
    }

    /// Both as one.
    pub(crate) fn and(self, other: Self) -> Self {
        match self.cause.cmp(&other.cause) {
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Greater => self,
            std::cmp::Ordering::Equal => Self {
                times: self.times.saturating_add(other.times),
                ..self
            },
        }
    }

    /// What happened, in words, where that moved the score by this factor; none where time did it, or the inputs say more.
    pub(super) fn explains(self, factor: Factor, fell: bool) -> Option<String> {
        let is_by_activity = factor == Factor::SupportRecency && !fell;
        let is_not_by_time = is_by_activity || factor != Factor::SupportRecency;
        let deed = match self.cause {
            Cause::ConversationDeleted => "deleted",
            Cause::ConversationCreated if is_not_by_time => "opened",
            Cause::ConversationReopened if is_not_by_time => "reopened",
            Cause::ConversationClosed if is_not_by_time => "closed",
            Cause::ConversationAssigned if is_by_activity => "assigned",
            Cause::PartCreated if self.admin_spoke_last => {
                let is_by_answer = factor == Factor::ResponseRate && !fell;
                return (is_by_activity || is_by_answer).then(|| "an agent replied".to_owned());
            }
            _ => return None,
        };
        Some(match (self.times, self.took_secs) {
            (0 | 1, Some(secs)) => {
                format!("a conversation was {deed} after {}", lasting_secs(secs))
            }
            (0 | 1, None) => format!("a conversation was {deed}"),
            (times, _) => format!("{times} conversations were {deed}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOSED: Occasion = Occasion {
        took_secs: Some(4 * 3_600),
        ..Occasion::of(Cause::ConversationClosed)
    };

    #[test]
    fn the_weightiest_cause_speaks_and_equal_ones_are_counted() {
        let assigned = Occasion::of(Cause::ConversationAssigned);
        assert_eq!(assigned.and(CLOSED), CLOSED);
        assert_eq!(CLOSED.and(assigned), CLOSED);
        assert_eq!(CLOSED.and(CLOSED).times, 2);
        assert!(Cause::ConversationDeleted > Cause::ConversationCreated);
        assert!(Cause::ConversationReopened > Cause::ConversationClosed);
    }

    #[test]
    fn what_happened_is_told_in_words() {
        use Factor::{OpenVolume, ResponseRate, SupportRecency};
        let of = Occasion::of;
        let reopened = of(Cause::ConversationReopened);
        let spoke = Occasion {
            admin_spoke_last: true,
            ..of(Cause::PartCreated)
        };
        for (occasion, factor, expected) in [
            (reopened, OpenVolume, "a conversation was reopened"),
            (
                reopened.and(reopened),
                OpenVolume,
                "2 conversations were reopened",
            ),
            (
                of(Cause::ConversationCreated),
                OpenVolume,
                "a conversation was opened",
            ),
            (
                of(Cause::ConversationDeleted),
                OpenVolume,
                "a conversation was deleted",
            ),
            (
                of(Cause::ConversationAssigned),
                SupportRecency,
                "a conversation was assigned",
            ),
            (
                CLOSED,
                OpenVolume,
                "a conversation was closed after 4 hours",
            ),
            (
                CLOSED.and(CLOSED),
                OpenVolume,
                "2 conversations were closed",
            ),
            (spoke, SupportRecency, "an agent replied"),
            (spoke, ResponseRate, "an agent replied"),
        ] {
            let told = occasion.explains(factor, false);
            assert_eq!(told.as_deref(), Some(expected), "{occasion:?}");
        }
    }

    #[test]
    fn what_time_did_is_not_told_as_what_happened() {
        for occasion in [CLOSED, Occasion::of(Cause::ConversationAssigned)] {
            assert_eq!(occasion.explains(Factor::SupportRecency, true), None);
        }
        let assigned = Occasion::of(Cause::ConversationAssigned);
        assert_eq!(assigned.explains(Factor::ReopenRate, false), None);
        let imported = Occasion::of(Cause::Imported);
        assert_eq!(imported.explains(Factor::OpenVolume, true), None);
    }
}
