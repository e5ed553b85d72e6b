//! When the next run is due, and why.

use chrono::{DateTime, TimeDelta, Utc};

/// What the next run follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outlook {
    /// How long from the beginning of one run to that of the next.
    pub(crate) interval: TimeDelta,
    pub(crate) is_paused: bool,
    /// When the last run was asked for.
    pub(crate) asked_at: DateTime<Utc>,
    /// When it ended; none while it goes on.
    pub(crate) ended_at: Option<DateTime<Utc>>,
    /// How many of the last runs in a row failed.
    pub(crate) failures: u32,
    /// Whether a full run ever got to its end.
    pub(crate) has_everything: bool,
    pub(crate) heard: Option<Heard>,
}

/// How notifications come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) last_at: DateTime<Utc>,
    /// How many came within the last week.
    pub(crate) within_a_week: i64,
}

/// A run that is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) at: DateTime<Utc>,
    pub(crate) what: Next,
}

/// What the next run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The first full run, which failed, goes on.
    Full,
    /// What changed is read, because it is time.
    Changes,
    /// What changed is read, because something had been away or silent.
    ChangesAfterSilence,
}

/// The first pause after a run that failed; each one after is twice as long.
const FIRST_RETRY: TimeDelta = TimeDelta::minutes(1);
/// The longest pause before a full run goes on that cannot get to its end.
const LONGEST_RETRY: TimeDelta = TimeDelta::days(1);
/// Notifications that come seldom may be silent for this long.
const SHORTEST_SILENCE: TimeDelta = TimeDelta::minutes(30);
/// Silent for this many times what lies between two notifications in a week: that is no chance.
const UNUSUAL: i32 = 10;
/// Fewer in a week have nothing usual about them.
const FEW: i64 = 50;

impl Outlook {
    /// When the next run is due, and which; none while one goes on or is paused.
    pub(crate) fn next(&self, now: DateTime<Utc>) -> Option<Due> {
        let ended_at = self.ended_at?;
        if self.is_paused {
            return None;
        }
        if !self.has_everything {
            let at = ended_at + self.retry_after(LONGEST_RETRY);
            let what = Next::Full;
            return (self.failures > 0).then_some(Due { at, what });
        }
        if self.failures > 0 {
            let at = ended_at + self.retry_after(self.interval);
            let what = Next::ChangesAfterSilence;
            return Some(Due { at, what });
        }
        let regular = (self.asked_at + self.interval).max(ended_at);
        let silent = self.silent_from().map(|silent| silent.max(ended_at));
        let (at, what) = match silent {
            Some(silent) if silent < regular => (silent, Next::ChangesAfterSilence),
            // Nobody was there to start it: what was missed meanwhile is not known.
            _ if now > regular + self.interval => (regular, Next::ChangesAfterSilence),
            _ => (regular, Next::Changes),
        };
        Some(Due { at, what })
    }

    fn retry_after(&self, longest: TimeDelta) -> TimeDelta {
        let doublings = self.failures.saturating_sub(1).min(20);
        (FIRST_RETRY * 2_i32.pow(doublings)).min(longest)
    }

    /// From when on the silence of notifications is unusual; none if it is not, or if a run came after that.
    fn silent_from(&self) -> Option<DateTime<Utc>> {
        let heard = self.heard.filter(|heard| heard.within_a_week >= FEW)?;
        let between = TimeDelta::days(7) / i32::try_from(heard.within_a_week).unwrap_or(i32::MAX);
        let silent = heard.last_at + (between * UNUSUAL).max(SHORTEST_SILENCE);
        (self.asked_at < silent).then_some(silent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    /// Asked for at minute 0, ended at minute 2, all well, no notifications.
    fn outlook() -> Outlook {
        Outlook {
            interval: TimeDelta::minutes(15),
            is_paused: false,
            asked_at: at(0),
            ended_at: Some(at(2)),
            failures: 0,
            has_everything: true,
            heard: None,
        }
    }

    fn due(outlook: &Outlook, now: i64) -> Option<(i64, Next)> {
        let due = outlook.next(at(now))?;
        Some(((due.at - at(0)).num_minutes(), due.what))
    }

    #[test]
    fn what_changed_is_read_at_every_interval() {
        assert_eq!(due(&outlook(), 3), Some((15, Next::Changes)));
        let long = Outlook {
            ended_at: Some(at(40)),
            ..outlook()
        };
        assert_eq!(due(&long, 40), Some((40, Next::Changes)));
    }

    #[test]
    fn nothing_is_due_while_a_run_goes_on_or_is_paused() {
        let going_on = Outlook {
            ended_at: None,
            ..outlook()
        };
        let paused = Outlook {
            is_paused: true,
            ..outlook()
        };
        assert_eq!((due(&going_on, 99), due(&paused, 99)), (None, None));
    }

    #[test]
    fn a_schedule_that_nobody_kept_is_a_silence() {
        assert_eq!(due(&outlook(), 30), Some((15, Next::Changes)));
        assert_eq!(due(&outlook(), 31), Some((15, Next::ChangesAfterSilence)));
    }

    #[test]
    fn a_run_that_failed_is_followed_sooner_and_then_less_and_less() {
        for (failures, minutes) in [(1, 3), (2, 4), (3, 6), (4, 10), (5, 17), (60, 17)] {
            let failed = Outlook {
                failures,
                ..outlook()
            };
            let expected = Some((minutes, Next::ChangesAfterSilence));
            assert_eq!(due(&failed, 3), expected, "{failures} failures");
        }
    }

    #[test]
    fn a_first_full_run_that_failed_goes_on() {
        for (failures, minutes) in [(1, 3), (2, 4), (60, 2 + 24 * 60)] {
            let failed = Outlook {
                failures,
                has_everything: false,
                ..outlook()
            };
            assert_eq!(due(&failed, 3), Some((minutes, Next::Full)));
        }
    }

    #[test]
    fn a_silence_that_is_unusual_brings_the_run_forward() {
        let daily = Outlook {
            interval: TimeDelta::days(1),
            ..outlook()
        };
        let heard = |last_at, within_a_week| Outlook {
            heard: Some(Heard {
                last_at: at(last_at),
                within_a_week,
            }),
            ..daily.clone()
        };
        // One a minute: ten minutes are unusual, but half an hour is waited.
        assert_eq!(
            due(&heard(5, 10_080), 6),
            Some((35, Next::ChangesAfterSilence))
        );
        // One an hour.
        assert_eq!(
            due(&heard(5, 168), 6),
            Some((605, Next::ChangesAfterSilence))
        );
        // A run came since it fell silent.
        assert_eq!(due(&heard(-45, 10_080), 6), Some((1440, Next::Changes)));
        // Too few to be missed.
        assert_eq!(due(&heard(5, 20), 6), Some((1440, Next::Changes)));
    }
}
