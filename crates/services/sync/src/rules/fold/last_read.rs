use chrono::{DateTime, TimeDelta, Utc};

/// A second, and as much as clocks may differ.
const SETTLES_WITHIN: TimeDelta = TimeDelta::seconds(2);

/// A record as it stood when it was last read whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LastRead {
    /// When Intercom had last changed it.
    pub(crate) updated_at: DateTime<Utc>,
    /// When it was asked for.
    pub(crate) told_at: DateTime<Utc>,
}

impl LastRead {
    /// Whether one that changed at `updated_at` is what was read. Intercom counts in seconds: what was read within the second
    /// of its change may have changed once more in it.
    pub(crate) fn is_still(&self, updated_at: Option<DateTime<Utc>>) -> bool {
        Some(self.updated_at) == updated_at && self.told_at - self.updated_at >= SETTLES_WITHIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_within_the_second_of_its_change_is_not_taken_for_what_stands_there_now() {
        let at = |secs| DateTime::from_timestamp(secs, 0).unwrap();
        for (told_at, updated_at, expected) in [
            (100, Some(100), false),
            (101, Some(100), false),
            (102, Some(100), true),
            (102, Some(101), false),
            (102, None, false),
            // Their clock is ahead of ours.
            (90, Some(100), false),
        ] {
            let read = LastRead {
                updated_at: at(100),
                told_at: at(told_at),
            };
            assert_eq!(
                read.is_still(updated_at.map(at)),
                expected,
                "read at {told_at}, found {updated_at:?}"
            );
        }
    }
}
