use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

use crate::rules::Fingerprint;

/// How the mirror came to know something, weaker first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Origin {
    /// A notification carried it.
    Notified,
    /// A run or a repair read it.
    Fetched,
}

impl Origin {
    /// As the mirror stores it.
    pub(crate) const fn number(self) -> i16 {
        match self {
            Self::Notified => 0,
            Self::Fetched => 1,
        }
    }

    /// Reads what [`Self::number`] wrote.
    pub(crate) const fn numbered(number: i16) -> Self {
        match number {
            0 => Self::Notified,
            _ => Self::Fetched,
        }
    }
}

/// How new what was seen of a record is. The greatest is kept, whatever the order in which they come; as the last field is
/// the content's own fingerprint, two that are equal say the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    /// When Intercom last changed the record, to the second: its two ways of telling differ in the rest.
    pub(crate) updated_at: DateTime<Utc>,
    /// Parts that Intercom counts; they only grow. Zero for records without parts.
    pub(crate) counted: u32,
    pub(crate) origin: Origin,
    /// When Intercom told it, or when it was asked for.
    pub(crate) told_at: DateTime<Utc>,
    pub(crate) hash: Fingerprint,
}

impl Version {
    pub(crate) fn new(
        updated_at: Option<DateTime<Utc>>,
        counted: u32,
        (origin, told_at): (Origin, DateTime<Utc>),
        hash: Fingerprint,
    ) -> Self {
        let whole = |at: DateTime<Utc>| at.duration_trunc(TimeDelta::seconds(1)).unwrap_or(at);
        Self {
            updated_at: whole(updated_at.unwrap_or_default()),
            counted,
            origin,
            told_at,
            hash,
        }
    }

    /// Whether Intercom's own clock and count cannot tell which of two different sights is newer.
    pub(crate) fn is_tied_with(&self, other: &Self) -> bool {
        (self.updated_at, self.counted) == (other.updated_at, other.counted)
            && self.hash != other.hash
    }
}
