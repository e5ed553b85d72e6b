//! What scoring does, one file per use case. The use cases own the transactions.

mod absorb_records;
mod follow_connection;
mod list_scores;
mod newest;
mod pass_time;
mod read_scores;
mod rescore;
mod watch_scores;

use std::sync::Arc;

use harken_domain::Clock;
use harken_store::Store;
use tokio::sync::broadcast;

pub(crate) use absorb_records::{Change, Record, Records};
pub(crate) use list_scores::{ListScores, ListScoresError};
pub(crate) use watch_scores::{News, Notice, Told, WatchEnded, Watched};

/// Messages that a slow watcher may be behind.
const LAG: usize = 1_024;

/// The use cases, and what they stand on.
#[derive(Clone, Debug)]
pub(crate) struct Scoring {
    store: Store,
    clock: Clock,
    news: broadcast::Sender<Arc<News>>,
}

impl Scoring {
    pub(crate) fn new(store: Store, clock: Clock) -> Self {
        let (news, _) = broadcast::channel(LAG);
        Self { store, clock, news }
    }
}
