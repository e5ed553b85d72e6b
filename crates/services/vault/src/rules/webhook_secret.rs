//! How long the webhook secret of an organization's own app counts after it was replaced.

use chrono::{DateTime, TimeDelta, Utc};

const USUAL: TimeDelta = TimeDelta::days(1);
const LONGEST: TimeDelta = TimeDelta::days(7);

/// The time during which a replaced secret verifies beside the one that replaced it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grace(TimeDelta);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be at most {} seconds, which are 7 days", LONGEST.num_seconds())]
pub(crate) struct GraceTooLong;

impl Grace {
    /// A day, unless it is said otherwise.
    pub(crate) fn of_secs(secs: Option<u64>) -> Result<Self, GraceTooLong> {
        let Some(secs) = secs else {
            return Ok(Self(USUAL));
        };
        i64::try_from(secs)
            .ok()
            .and_then(TimeDelta::try_seconds)
            .filter(|grace| *grace <= LONGEST)
            .map(Self)
            .ok_or(GraceTooLong)
    }

    /// When it ends if it begins now; none if it has no length.
    pub(crate) fn end(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        (self.0 > TimeDelta::zero()).then(|| now + self.0)
    }

    pub(crate) const fn as_secs(self) -> i64 {
        self.0.num_seconds()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grace_lasts_a_day_unless_told_otherwise_and_a_week_at_most() {
        for (asked, grace) in [
            (None, Ok(86_400)),
            (Some(0), Ok(0)),
            (Some(1), Ok(1)),
            (Some(604_800), Ok(604_800)),
            (Some(604_801), Err(GraceTooLong)),
            (Some(u64::MAX), Err(GraceTooLong)),
        ] {
            assert_eq!(
                Grace::of_secs(asked).map(Grace::as_secs),
                grace,
                "{asked:?}"
            );
        }
    }

    #[test]
    fn no_grace_has_no_end() {
        let end = |secs| {
            Grace::of_secs(Some(secs))
                .unwrap()
                .end(DateTime::UNIX_EPOCH)
        };
        assert_eq!(end(0), None);
        assert_eq!(end(1), DateTime::from_timestamp(1, 0));
    }
}
