use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::rules::flow::Flow;

/// Measures how Intercom answers, for all who ask at once.
#[derive(Debug, Default)]
pub(crate) struct Gauge(Mutex<Flow>);

impl Gauge {
    /// Takes an answer in that took so long, the wait for the budget left out, and the limit that it told.
    pub(super) fn answered(&self, took: Duration, limit: Option<u32>) {
        let mut flow = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        flow.answered(took, limit);
    }

    /// How many requests may be under way, at most `most`.
    pub(crate) fn room(&self, most: usize) -> usize {
        let flow = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        flow.room(most)
    }
}
