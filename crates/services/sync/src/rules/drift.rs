//! What a run corrects although notifications should have told it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::{ContactRecord, fold::Head};

/// Why the mirror was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum DriftCause {
    /// It did not have a record.
    Missing,
    /// It had an older state.
    Stale,
    /// It still had a record that is gone.
    Gone,
    /// Something changed of which Intercom tells nobody.
    Untold,
}

impl DriftCause {
    /// Every cause.
    pub(crate) const ALL: [Self; 4] = [Self::Missing, Self::Stale, Self::Gone, Self::Untold];

    /// The word in metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Gone => "gone",
            Self::Untold => "untold",
        }
    }
}

/// How many records were compared, and how many of them were wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DriftTally {
    pub(crate) compared: u64,
    pub(crate) missing: u64,
    pub(crate) stale: u64,
    pub(crate) gone: u64,
    pub(crate) untold: u64,
}

impl DriftTally {
    /// Wrong for this cause.
    pub(crate) const fn of(&self, cause: DriftCause) -> u64 {
        match cause {
            DriftCause::Missing => self.missing,
            DriftCause::Stale => self.stale,
            DriftCause::Gone => self.gone,
            DriftCause::Untold => self.untold,
        }
    }

    pub(crate) const fn add(&mut self, cause: DriftCause) {
        match cause {
            DriftCause::Missing => self.missing += 1,
            DriftCause::Stale => self.stale += 1,
            DriftCause::Gone => self.gone += 1,
            DriftCause::Untold => self.untold += 1,
        }
    }

    /// Whether notifications cannot be relied on: more than one changed record in twenty had to be corrected, and ten at
    /// least, so that a quiet connection does not cry over one.
    pub(crate) const fn is_high(&self) -> bool {
        const AT_LEAST: u64 = 10;
        const ONE_IN: u64 = 20;
        let wrong = self.missing + self.stale + self.gone;
        wrong >= AT_LEAST && wrong * ONE_IN > self.compared
    }
}

/// Which changes notifications should have told by now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    /// Since when notifications come; none: they never did, and nothing is expected of them.
    pub(crate) heard_since: Option<DateTime<Utc>>,
    /// What changed before this was for an earlier run to find.
    pub(crate) since: DateTime<Utc>,
    pub(crate) now: DateTime<Utc>,
    /// How long a notification may be on its way.
    pub(crate) grace: TimeDelta,
}

impl Expected {
    /// Whether a change of that moment should have been told by now.
    pub(crate) fn told(&self, changed_at: DateTime<Utc>) -> bool {
        let from = self
            .heard_since
            .map(|heard_since| heard_since.max(self.since));
        // Intercom knows seconds alone: what changed within the first one may have changed after the run before began.
        from.is_some_and(|from| changed_at.timestamp() >= from.timestamp())
            && changed_at <= self.now - self.grace
    }

    /// What is wrong with a mirror that held the record as of `held`, or not at all, while it changed at `changed_at`. None
    /// where it had been told of this change, or of a later one.
    pub(crate) fn judge(
        &self,
        changed_at: DateTime<Utc>,
        held: Option<DateTime<Utc>>,
        is_tellable: bool,
    ) -> Option<DriftCause> {
        if !self.told(changed_at) {
            return None;
        }
        match held {
            None => Some(DriftCause::Missing),
            Some(held) if held >= changed_at => None,
            Some(_) if is_tellable => Some(DriftCause::Stale),
            Some(_) => Some(DriftCause::Untold),
        }
    }
}

/// Whether there is a topic for what differs between two heads of a conversation, beside their parts: there is none for a
/// title, for what Intercom reckons, and for a tag that was taken away.
pub(crate) fn is_tellable(before: &Head, after: &Head) -> bool {
    let counted = |head: &Head| (head.status, head.reopen_count, head.assignment_count);
    counted(before) != counted(after) || after.tags.iter().any(|tag| !before.tags.contains(tag))
}

/// What there are topics for of a contact: all but when it was last seen and last replied. Not printed.
#[derive(Clone, PartialEq)]
pub(crate) struct TellableContact {
    pub(crate) role: String,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) company_external_ids: Vec<String>,
}

impl From<&ContactRecord> for TellableContact {
    fn from(record: &ContactRecord) -> Self {
        Self {
            role: record.role.to_owned(),
            email: record.email.clone(),
            name: record.name.clone(),
            tags: record.tags.clone(),
            metadata: record.metadata.clone(),
            company_external_ids: record.company_external_ids.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(secs, 0).unwrap()
    }

    fn expected() -> Expected {
        Expected {
            heard_since: Some(at(1_000)),
            since: at(500),
            now: at(5_000),
            grace: TimeDelta::seconds(120),
        }
    }

    #[test]
    fn each_wrong_has_its_cause() {
        for (changed_at, held, is_tellable, cause) in [
            (2_000, None, true, Some(DriftCause::Missing)),
            (2_000, Some(1_999), true, Some(DriftCause::Stale)),
            (2_000, Some(1_999), false, Some(DriftCause::Untold)),
            // Another notification had told as much.
            (2_000, Some(2_000), true, None),
            (2_000, Some(2_001), true, None),
            // From before notifications came.
            (999, None, true, None),
            // It may still be on its way.
            (4_881, None, true, None),
            (4_880, None, true, Some(DriftCause::Missing)),
        ] {
            let judged = expected().judge(at(changed_at), held.map(at), is_tellable);
            assert_eq!(judged, cause, "changed at {changed_at}, held {held:?}");
        }
    }

    #[test]
    fn nothing_is_expected_where_notifications_never_came() {
        let silent = Expected {
            heard_since: None,
            ..expected()
        };
        assert_eq!(silent.judge(at(2_000), None, true), None);
    }

    #[test]
    fn what_an_earlier_run_was_to_find_is_not_counted_again() {
        let later = Expected {
            since: at(3_000),
            ..expected()
        };
        assert_eq!(later.judge(at(2_999), None, true), None);
        let within_the_second = Expected {
            since: at(3_000) + TimeDelta::milliseconds(400),
            ..expected()
        };
        for expected in [later, within_the_second] {
            assert_eq!(expected.judge(at(2_999), None, true), None);
            assert_eq!(
                expected.judge(at(3_000), None, true),
                Some(DriftCause::Missing)
            );
        }
    }

    #[test]
    fn drift_is_high_by_share_and_by_number() {
        for (compared, stale, untold, is_high) in [
            (10, 9, 0, false),
            (10, 10, 0, true),
            (199, 10, 0, true),
            (200, 10, 0, false),
            (1_000, 51, 0, true),
            // Nobody was to tell of these.
            (10, 0, 10, false),
        ] {
            let tally = DriftTally {
                compared,
                stale,
                untold,
                ..DriftTally::default()
            };
            assert_eq!(tally.is_high(), is_high, "{tally:?}");
        }
    }
}
