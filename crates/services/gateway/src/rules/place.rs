//! Where a reader of live updates is: how far in each of the two streams they come from.

use std::fmt;
use std::str::FromStr;

/// A stream that live updates come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Scores, runs, connections.
    Signal,
    /// Mirrored records.
    Record,
}

/// The last message of each stream that was told. As text, the id of an event: `120-4587`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    signal: u64,
    record: u64,
}

/// The text is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoPlace;

impl Place {
    pub(crate) const fn of(self, source: Source) -> u64 {
        match source {
            Source::Signal => self.signal,
            Source::Record => self.record,
        }
    }

    /// The place after this message was told.
    pub(crate) fn after(mut self, source: Source, sequence: u64) -> Self {
        let own = match source {
            Source::Signal => &mut self.signal,
            Source::Record => &mut self.record,
        };
        *own = sequence.max(*own);
        self
    }

    /// Whether something that this place has seen lies beyond `other`.
    pub(crate) const fn lacks(self, other: Self) -> bool {
        self.signal < other.signal || self.record < other.record
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.signal, self.record)
    }
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (signal, record) = text.split_once('-').ok_or(NoPlace)?;
        let number = |digits: &str| digits.parse().map_err(|_| NoPlace);
        Ok(Self {
            signal: number(signal)?,
            record: number(record)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back() {
        let place = Place::default()
            .after(Source::Signal, 120)
            .after(Source::Record, 4587)
            .after(Source::Record, 9);
        assert_eq!(place.to_string(), "120-4587");
        assert_eq!(place.to_string().parse(), Ok(place));
        for text in ["", "7", "7-", "-7", "a-b", "1-2-3"] {
            assert_eq!(text.parse::<Place>(), Err(NoPlace), "{text}");
        }
    }

    #[test]
    fn a_place_lacks_what_lies_beyond_it_in_either_stream() {
        let (here, there) = (
            Place {
                signal: 5,
                record: 5,
            },
            Place {
                signal: 4,
                record: 6,
            },
        );
        assert!(here.lacks(there) && there.lacks(here));
        assert!(!here.lacks(here));
    }
}
