use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{SEARCH_LAG, Slice};

/// Where an incremental run goes on. Stored in the transaction of the rows that it covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// What changed before this has been read by the runs before.
    pub(crate) since: DateTime<Utc>,
    pub(crate) at: Step,
    /// Whether it closes a full run, which has read everything `since` it began.
    #[serde(default)]
    pub(crate) closes: bool,
}

/// What an incremental run reads, in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reads", rename_all = "snake_case")]
pub(crate) enum Step {
    /// Tags, admins and teams: a call each.
    Routing,
    /// Contacts that changed. A stop begins them anew: what is held by then costs no more than the page that lists it.
    Contacts,
    /// Conversations that changed.
    Conversations { slice: Slice },
    /// Conversations that were deleted.
    Deleted,
    /// Open conversations whose `updated_at` need not have moved.
    Open { slice: Slice, pages: u32 },
    /// Companies, which no search finds.
    Companies,
    /// Contacts that are listed no more. Only a full run knows who was listed.
    Vanished,
}

impl Place {
    /// Where a run begins that reads what changed since then.
    pub(crate) const fn start(since: DateTime<Utc>) -> Self {
        Self {
            since,
            at: Step::Routing,
            closes: false,
        }
    }

    /// Where a full run goes on that has read everything: contacts that changed behind its back come first.
    pub(crate) const fn close(began: DateTime<Utc>) -> Self {
        Self {
            since: began,
            at: Step::Contacts,
            closes: true,
        }
    }

    /// The same run at another step.
    pub(crate) const fn with(&self, at: Step) -> Self {
        Self {
            since: self.since,
            at,
            closes: self.closes,
        }
    }

    /// What comes after the contacts: conversations that changed, up to a bound that is frozen `now`, for what changes later is
    /// the next run's. A full run has read its own already.
    pub(crate) fn after_contacts(&self, now: DateTime<Utc>) -> Self {
        /// How far the clocks of Intercom and ours may differ.
        const CLOCK_SKEW: chrono::TimeDelta = chrono::TimeDelta::minutes(2);
        if self.closes {
            return self.with(Step::Deleted);
        }
        self.with(Step::Conversations {
            slice: Slice::new(self.since - SEARCH_LAG, now + CLOCK_SKEW),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::checkpoint::Checkpoint;

    #[test]
    fn a_place_survives_the_store() {
        let since = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let start = Place::start(since);
        for place in [
            start.clone(),
            start.with(Step::Contacts),
            start.after_contacts(since),
            Place::close(since),
            start.with(Step::Deleted),
            start.with(Step::Open {
                slice: Slice::new(DateTime::UNIX_EPOCH, since),
                pages: 3,
            }),
            start.with(Step::Companies),
            start.with(Step::Vanished),
        ] {
            let checkpoint = Checkpoint::Incremental(place);
            let stored = serde_json::to_value(&checkpoint).unwrap();
            let read: Checkpoint = serde_json::from_value(stored).unwrap();
            assert_eq!(read, checkpoint);
        }
    }
}
