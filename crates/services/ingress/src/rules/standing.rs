use chrono::{DateTime, TimeDelta, Utc};

/// How long the vault's last good answer serves while the vault is away.
const SERVES_FOR: TimeDelta = TimeDelta::hours(1);
/// How often the vault is asked while it does not answer.
const ASKED_EVERY: TimeDelta = TimeDelta::seconds(1);
/// How often a failed verification may ask the vault again.
const DOUBTED_EVERY: TimeDelta = TimeDelta::seconds(10);

/// What an answer of the vault is worth after a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is taken as it is.
    Fresh,
    /// It is asked for anew, and taken if the vault is away.
    Stale,
    /// It is worth nothing any more.
    Lapsed,
}

/// When the vault was asked about something.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct History {
    /// When it last answered.
    pub(crate) answered: Option<DateTime<Utc>>,
    /// When it was last asked.
    pub(crate) asked: Option<DateTime<Utc>>,
    /// When it was last asked because a verification failed.
    pub(crate) doubted: Option<DateTime<Utc>>,
}

impl History {
    /// What the last answer is worth, if it is fresh for `fresh_for`.
    pub(crate) fn standing(&self, fresh_for: TimeDelta, now: DateTime<Utc>) -> Standing {
        match self.answered.map(|at| now - at) {
            Some(age) if age < fresh_for => Standing::Fresh,
            Some(age) if age < SERVES_FOR => Standing::Stale,
            _ => Standing::Lapsed,
        }
    }

    /// Whether the vault may be asked, rather than left alone because it did not answer just now.
    pub(crate) fn may_ask(&self, now: DateTime<Utc>) -> bool {
        self.asked <= self.answered || has_passed(self.asked, ASKED_EVERY, now)
    }

    /// Whether a failed verification may ask again.
    pub(crate) fn may_doubt(&self, now: DateTime<Utc>) -> bool {
        has_passed(self.doubted, DOUBTED_EVERY, now)
    }
}

fn has_passed(since: Option<DateTime<Utc>>, pause: TimeDelta, now: DateTime<Utc>) -> bool {
    since.is_none_or(|at| now - at >= pause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + secs, 0).unwrap()
    }

    #[test]
    fn an_answer_serves_an_hour_and_is_fresh_for_a_minute() {
        let history = History {
            answered: Some(at(0)),
            ..History::default()
        };
        for (secs, expected) in [
            (0, Standing::Fresh),
            (59, Standing::Fresh),
            (60, Standing::Stale),
            (3599, Standing::Stale),
            (3600, Standing::Lapsed),
        ] {
            assert_eq!(
                history.standing(TimeDelta::seconds(60), at(secs)),
                expected,
                "{secs}"
            );
        }
        assert_eq!(
            History::default().standing(TimeDelta::seconds(60), at(0)),
            Standing::Lapsed
        );
    }

    #[test]
    fn a_vault_that_does_not_answer_is_asked_once_a_second() {
        let answered = History {
            answered: Some(at(0)),
            asked: Some(at(0)),
            ..History::default()
        };
        assert!(History::default().may_ask(at(0)) && answered.may_ask(at(0)));
        let away = History {
            asked: Some(at(60)),
            ..answered
        };
        assert!(!away.may_ask(at(60)) && away.may_ask(at(61)));
    }

    #[test]
    fn failed_verifications_ask_once_in_ten_seconds() {
        let history = History {
            asked: Some(at(0)),
            answered: Some(at(0)),
            doubted: None,
        };
        assert!(history.may_doubt(at(0)));
        let doubted = History {
            doubted: Some(at(0)),
            ..history
        };
        assert!(!doubted.may_doubt(at(9)) && doubted.may_doubt(at(10)));
    }
}
