use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Where an incremental run goes on. Stored in the transaction of the rows that it covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// What changed before this has been read by the runs before.
    pub(crate) since: DateTime<Utc>,
    pub(crate) at: Step,
}

/// What an incremental run reads, in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reads", rename_all = "snake_case")]
pub(crate) enum Step {
    /// Tags, admins and teams: a call each.
    Routing,
}

impl Place {
    /// Where a run begins that reads what changed since then.
    pub(crate) const fn start(since: DateTime<Utc>) -> Self {
        Self {
            since,
            at: Step::Routing,
        }
    }
}
