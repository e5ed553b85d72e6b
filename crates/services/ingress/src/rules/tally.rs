use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use harken_domain::{ConnectionId, OrganizationId};

use super::outcome::{Outcome, Place, Refusal};

/// Why a notification of a connection was last refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureReason {
    Signature,
    NoSecret,
    Malformed,
    TooLarge,
    NotKept,
}

/// A word that is no reason.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("not a reason for a refusal")]
pub(crate) struct UnknownReason;

impl FailureReason {
    const ALL: [Self; 5] = [
        Self::Signature,
        Self::NoSecret,
        Self::Malformed,
        Self::TooLarge,
        Self::NotKept,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::NoSecret => "no_secret",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::NotKept => "not_kept",
        }
    }
}

impl fmt::Display for FailureReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for FailureReason {
    type Err = UnknownReason;

    fn from_str(word: &str) -> Result<Self, UnknownReason> {
        let mut reasons = Self::ALL.into_iter();
        reasons
            .find(|reason| reason.as_str() == word)
            .ok_or(UnknownReason)
    }
}

/// A refusal that says something about the connection rather than about this moment.
fn reason(refusal: Refusal) -> Option<FailureReason> {
    match refusal {
        Refusal::Signature => Some(FailureReason::Signature),
        Refusal::NoSecret => Some(FailureReason::NoSecret),
        Refusal::Malformed(_) => Some(FailureReason::Malformed),
        Refusal::TooLarge => Some(FailureReason::TooLarge),
        Refusal::NotKept => Some(FailureReason::NotKept),
        Refusal::TooSlow | Refusal::NoKeys | Refusal::Full => None,
    }
}

/// What came in an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) streamed: u64,
    pub(crate) spooled: u64,
    pub(crate) quarantined: u64,
    pub(crate) pings: u64,
    pub(crate) refused: u64,
}

impl Counts {
    fn of(&mut self, outcome: Outcome) -> &mut u64 {
        match outcome {
            Outcome::Kept(Place::Stream) => &mut self.streamed,
            Outcome::Kept(Place::Spool) => &mut self.spooled,
            Outcome::Kept(Place::Quarantine) => &mut self.quarantined,
            Outcome::Heard => &mut self.pings,
            Outcome::Refused(_) => &mut self.refused,
        }
    }

    fn add(&mut self, more: Self) {
        self.streamed += more.streamed;
        self.spooled += more.spooled;
        self.quarantined += more.quarantined;
        self.pings += more.pings;
        self.refused += more.refused;
    }
}

/// The last of each that is worth knowing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// A right signature, pings included.
    pub(crate) last_heard_at: Option<DateTime<Utc>>,
    /// Something kept.
    pub(crate) last_delivery_at: Option<DateTime<Utc>>,
    pub(crate) last_failure: Option<(DateTime<Utc>, FailureReason)>,
    /// The secret that is being replaced verified one.
    pub(crate) old_secret_last_used_at: Option<DateTime<Utc>>,
}

/// What was counted of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Tallied {
    pub(crate) connection: ConnectionId,
    pub(crate) organization: OrganizationId,
    /// By the beginning of the hour.
    pub(crate) hours: BTreeMap<DateTime<Utc>, Counts>,
    pub(crate) marks: Marks,
}

impl Tallied {
    pub(crate) fn new(connection: ConnectionId, organization: OrganizationId) -> Self {
        Self {
            connection,
            organization,
            hours: BTreeMap::new(),
            marks: Marks::default(),
        }
    }

    /// Counts what became of a notification; `by_old_secret` if the secret that is being replaced verified it.
    pub(crate) fn note(&mut self, outcome: Outcome, by_old_secret: bool, now: DateTime<Utc>) {
        let hour = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
        *self.hours.entry(hour).or_default().of(outcome) += 1;
        let marks = &mut self.marks;
        match outcome {
            Outcome::Kept(_) => {
                marks.last_heard_at = Some(now);
                marks.last_delivery_at = Some(now);
            }
            Outcome::Heard => marks.last_heard_at = Some(now),
            Outcome::Refused(refusal) => {
                if let Some(reason) = reason(refusal) {
                    marks.last_failure = Some((now, reason));
                }
                if matches!(refusal, Refusal::Malformed(_) | Refusal::NotKept) {
                    marks.last_heard_at = Some(now);
                }
            }
        }
        if by_old_secret {
            marks.old_secret_last_used_at = Some(now);
        }
    }

    /// Takes back what could not be written.
    pub(crate) fn merge(&mut self, earlier: Self) {
        for (hour, counts) in earlier.hours {
            self.hours.entry(hour).or_default().add(counts);
        }
        let Marks {
            last_heard_at,
            last_delivery_at,
            last_failure,
            old_secret_last_used_at,
        } = earlier.marks;
        let marks = &mut self.marks;
        marks.last_heard_at = marks.last_heard_at.max(last_heard_at);
        marks.last_delivery_at = marks.last_delivery_at.max(last_delivery_at);
        marks.last_failure = marks.last_failure.or(last_failure);
        marks.old_secret_last_used_at = marks.old_secret_last_used_at.max(old_secret_last_used_at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + secs, 0).unwrap()
    }

    fn tallied() -> Tallied {
        Tallied::new(
            ConnectionId::derive(&[b"c"]),
            OrganizationId::derive(&[b"o"]),
        )
    }

    #[test]
    fn outcomes_are_counted_by_the_hour() {
        let mut one = tallied();
        one.note(Outcome::Kept(Place::Stream), false, at(0));
        one.note(Outcome::Kept(Place::Spool), true, at(10));
        one.note(Outcome::Heard, false, at(20));
        one.note(Outcome::Refused(Refusal::Signature), false, at(3600));
        let counts: Vec<Counts> = one.hours.values().copied().collect();
        let first = Counts {
            streamed: 1,
            spooled: 1,
            pings: 1,
            ..Counts::default()
        };
        let second = Counts {
            refused: 1,
            ..Counts::default()
        };
        assert_eq!(counts, [first, second]);
        assert_eq!(one.marks.last_heard_at, Some(at(20)));
        assert_eq!(one.marks.last_delivery_at, Some(at(10)));
        assert_eq!(
            one.marks.last_failure,
            Some((at(3600), FailureReason::Signature))
        );
        assert_eq!(one.marks.old_secret_last_used_at, Some(at(10)));
    }

    #[test]
    fn what_could_not_be_written_is_taken_back() {
        let (mut later, mut earlier) = (tallied(), tallied());
        earlier.note(Outcome::Kept(Place::Stream), true, at(0));
        earlier.note(Outcome::Refused(Refusal::NotKept), false, at(1));
        later.note(Outcome::Kept(Place::Stream), false, at(5));
        later.merge(earlier);
        assert_eq!(later.hours.values().next().unwrap().streamed, 2);
        assert_eq!(later.marks.last_delivery_at, Some(at(5)));
        assert_eq!(
            later.marks.last_failure,
            Some((at(1), FailureReason::NotKept))
        );
        assert_eq!(later.marks.old_secret_last_used_at, Some(at(0)));
    }

    #[test]
    fn every_reason_is_read_again() {
        for reason in FailureReason::ALL {
            assert_eq!(reason.to_string().parse::<FailureReason>().unwrap(), reason);
        }
    }
}
