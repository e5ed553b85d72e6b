//! What was sent and answered, held against what became of it.

mod audit;
mod changes;
mod mirror;

use std::time::Duration;

use tokio::time::Instant;

use crate::traffic::{Answer, Broken, Notification};

pub use audit::{Audit, audit};
pub(crate) use audit::{dead_letters, rest, untraced};
pub use changes::{Change, Changes};
pub use mirror::Mirror;

/// Every notification of a run, in the order in which they were made.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
}

/// One notification and what was said to it.
#[derive(Debug)]
pub struct Entry {
    /// As it was sent.
    pub notification: Notification,
    /// Each time it was sent.
    pub attempts: Vec<Attempt>,
}

/// One sending.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// When the request began.
    pub sent_at: Instant,
    /// Until the whole answer was there.
    pub took: Duration,
    /// What was said.
    pub answer: Result<Answer, Broken>,
}

impl Attempt {
    /// Whether the edge took it.
    pub fn is_success(&self) -> bool {
        self.answer.as_ref().is_ok_and(Answer::is_success)
    }

    /// HTTP's status; none without an answer.
    pub fn status(&self) -> Option<u16> {
        self.answer.as_ref().ok().map(|answer| answer.status)
    }
}

impl Entry {
    /// Whether the edge took it once.
    pub fn is_taken(&self) -> bool {
        self.attempts.iter().any(Attempt::is_success)
    }
}

impl Ledger {
    /// Makes place for a notification.
    pub fn open(&mut self, notification: Notification) -> usize {
        self.entries.push(Entry {
            notification,
            attempts: Vec::new(),
        });
        self.entries.len() - 1
    }

    /// Writes down what was said to the notification at `place`.
    pub fn note(&mut self, place: usize, attempt: Attempt) {
        self.entries[place].attempts.push(attempt);
    }

    /// All of it.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// All sendings that began between the two.
    pub fn attempts(&self, from: Instant, to: Instant) -> impl Iterator<Item = &Attempt> {
        let attempts = self.entries.iter().flat_map(|entry| &entry.attempts);
        attempts.filter(move |attempt| attempt.sent_at >= from && attempt.sent_at < to)
    }

    /// All sendings.
    pub fn all_attempts(&self) -> impl Iterator<Item = &Attempt> {
        self.entries.iter().flat_map(|entry| &entry.attempts)
    }
}
