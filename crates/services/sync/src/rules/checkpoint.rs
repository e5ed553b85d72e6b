use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{incremental::Place, search::Span};

/// Where a run goes on. Stored in the transaction of the rows that it covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub(crate) enum Checkpoint {
    /// Tags come first: contacts name theirs by id alone.
    Tags,
    Admins,
    Teams,
    /// Segments and attributes.
    Definitions,
    /// A scroll cannot be resumed, for the page that was under way at the stop is lost: each beginning is a generation.
    Companies {
        generation: u32,
        /// The scroll that this generation opened; the workspace's only one until it is read to its end.
        scroll: Option<String>,
    },
    Contacts {
        after: Option<String>,
    },
    Conversations(Frontier),
    /// An incremental run has steps of its own.
    Incremental(Place),
    Finished,
}

/// How far the conversations are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Frontier {
    pub(crate) span: Span,
    /// When the span's upper bound was frozen; what changes later is caught by the next round.
    pub(crate) bound: DateTime<Utc>,
    /// 0: the backfill; later ones catch what changed meanwhile.
    pub(crate) round: u32,
    /// Found by the search, not yet written.
    pub(crate) wanted: Vec<String>,
}

impl Checkpoint {
    /// Where a run begins.
    pub(crate) const START: Self = Self::Tags;

    /// The step after this one has been done. `now` freezes the bound of what is to be read.
    pub(crate) fn next(&self, now: DateTime<Utc>, backfill: TimeDelta) -> Self {
        match self {
            Self::Tags => Self::Admins,
            Self::Admins => Self::Teams,
            Self::Teams => Self::Definitions,
            Self::Definitions => Self::Companies {
                generation: 1,
                scroll: None,
            },
            Self::Companies { .. } => Self::Contacts { after: None },
            Self::Contacts { .. } => Self::Conversations(Frontier::backfill(now, backfill)),
            Self::Conversations(_) | Self::Incremental(_) | Self::Finished => Self::Finished,
        }
    }
}

impl Frontier {
    /// How far the clocks of Intercom and ours may differ. Rounds overlap by it.
    const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(2);
    /// A workspace that changes faster than a round lasts is not chased for ever; its notifications take over.
    const MOST_ROUNDS: u32 = 5;

    fn backfill(now: DateTime<Utc>, window: TimeDelta) -> Self {
        Self {
            span: Span::new(now - window, now + Self::CLOCK_SKEW),
            bound: now,
            round: 0,
            wanted: Vec::new(),
        }
    }

    /// The round after this one, which found something new or not; none if it was the last.
    pub(crate) fn next_round(&self, found_something: bool, now: DateTime<Utc>) -> Option<Self> {
        let goes_on = (self.round == 0 || found_something) && self.round < Self::MOST_ROUNDS;
        goes_on.then(|| Self {
            span: Span::new(self.bound - Self::CLOCK_SKEW, now + Self::CLOCK_SKEW),
            bound: now,
            round: self.round + 1,
            wanted: Vec::new(),
        })
    }

    /// Whether this round reads again what an earlier one may have read.
    pub(crate) const fn catches_up(&self) -> bool {
        self.round > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_reads_everything_once_in_order() {
        let mut at = Checkpoint::START;
        let mut steps = Vec::new();
        while at != Checkpoint::Finished {
            let json = serde_json::to_value(&at).unwrap();
            assert_eq!(
                serde_json::from_value::<Checkpoint>(json.clone()).unwrap(),
                at
            );
            steps.push(json["step"].as_str().unwrap().to_owned());
            at = at.next(DateTime::UNIX_EPOCH, TimeDelta::days(90));
        }
        assert_eq!(
            steps,
            [
                "tags",
                "admins",
                "teams",
                "definitions",
                "companies",
                "contacts",
                "conversations"
            ]
        );
    }

    #[test]
    fn rounds_meet_and_end_when_nothing_changes_any_more() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let first = Frontier::backfill(now, TimeDelta::days(90));
        let later = now + TimeDelta::minutes(5);
        let second = first.next_round(true, later).unwrap();
        assert!(second.catches_up() && !first.catches_up());
        let question = second.span.question().unwrap();
        assert!(question.after < now && question.before > later);
        assert_eq!(second.next_round(false, later), None);
    }

    #[test]
    fn a_workspace_that_never_rests_does_not_hold_the_run() {
        let now = DateTime::UNIX_EPOCH;
        let mut round = Frontier::backfill(now, TimeDelta::days(90));
        let mut rounds = 0;
        while let Some(next) = round.next_round(true, now) {
            round = next;
            rounds += 1;
        }
        assert_eq!(rounds, 5);
    }
}
