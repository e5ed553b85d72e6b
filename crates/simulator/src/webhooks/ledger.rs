//! What was sent, when, and what was answered.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::post::Reply;

/// Lines kept for each workspace; older ones are forgotten.
const KEPT: usize = 400_000;

/// One notification.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    /// None for pings.
    id: Option<String>,
    topic: &'static str,
    /// Id of the conversation, contact or company.
    pub(super) about: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) part_id: Option<String>,
    /// Unix seconds of the change that caused it.
    pub(super) created_at: i64,
    queued_at_ms: i64,
    outcome: Outcome,
    attempts: Vec<Attempt>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Attempt {
    sent_at_ms: i64,
    /// Where it is another than the first one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The status, or what stood in its way.
    answer: String,
    latency_ms: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "is", content = "reason", rename_all = "snake_case")]
pub(super) enum Outcome {
    Pending,
    Delivered,
    Failed,
    /// Never sent, or given up without an answer.
    Lost(&'static str),
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Lost(_) => "lost",
        }
    }
}

impl Attempt {
    pub(super) fn new(sent_at: DateTime<Utc>, id: Option<String>, reply: &Reply) -> Self {
        Self {
            sent_at_ms: sent_at.timestamp_millis(),
            id,
            answer: reply.told(),
            latency_ms: reply.latency.as_secs_f64() * 1000.0,
        }
    }
}

impl Entry {
    pub(super) fn new(id: Option<String>, topic: &'static str, now: DateTime<Utc>) -> Self {
        Self {
            id,
            topic,
            about: String::new(),
            part_id: None,
            created_at: now.timestamp(),
            queued_at_ms: now.timestamp_millis(),
            outcome: Outcome::Pending,
            attempts: Vec::new(),
        }
    }

    pub(super) fn lose(&mut self, reason: &'static str) {
        self.outcome = Outcome::Lost(reason);
    }

    pub(super) fn is_lost(&self) -> bool {
        matches!(self.outcome, Outcome::Lost(_))
    }
}

/// Sums over a workspace's ledger.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Counted {
    notifications: usize,
    requests: usize,
    /// By what became of them.
    outcomes: BTreeMap<&'static str, usize>,
    topics: BTreeMap<&'static str, usize>,
    /// Requests by their answer.
    answers: BTreeMap<String, usize>,
    /// Milliseconds until the answer: median, 99th of a hundred, longest.
    latency_ms: [f64; 3],
}

#[derive(Debug, Default)]
struct Book {
    /// Number of the first line kept.
    first: u64,
    entries: VecDeque<Entry>,
}

/// A book for each workspace.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<BTreeMap<&'static str, Book>>);

impl Ledger {
    /// Writes a new line and tells its number.
    pub(super) fn open(&self, workspace: &'static str, entry: Entry) -> u64 {
        let mut books = self.books();
        let book = books.entry(workspace).or_default();
        if book.entries.len() == KEPT {
            book.entries.pop_front();
            book.first += 1;
        }
        book.entries.push_back(entry);
        book.first + book.entries.len() as u64 - 1
    }

    pub(super) fn close(&self, workspace: &str, number: u64, outcome: Outcome) {
        self.change(workspace, number, |entry| entry.outcome = outcome);
    }

    pub(super) fn add(
        &self,
        workspace: &str,
        number: u64,
        mut attempt: Attempt,
        outcome: Option<Outcome>,
    ) {
        self.change(workspace, number, |entry| {
            if attempt.id == entry.id {
                attempt.id = None;
            }
            entry.attempts.push(attempt);
            // A duplicate that failed does not undo that the first one came.
            if let Some(outcome) = outcome
                && entry.outcome != Outcome::Delivered
            {
                entry.outcome = outcome;
            }
        });
    }

    /// Lines from the newest on.
    pub(crate) fn page(&self, workspace: &str, skip: usize, most: usize) -> Vec<Entry> {
        let books = self.books();
        let entries = books.get(workspace).map(|book| book.entries.iter().rev());
        let entries = entries.into_iter().flatten();
        entries.skip(skip).take(most).cloned().collect()
    }

    /// Lines from number `from` on, oldest first, and the number after the last.
    pub(crate) fn read(&self, workspace: &str, from: u64, most: usize) -> (Vec<Entry>, u64) {
        let books = self.books();
        let Some(book) = books.get(workspace) else {
            return (Vec::new(), from);
        };
        let skip = from.saturating_sub(book.first);
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        let entries = book.entries.iter().skip(skip).take(most);
        let entries: Vec<Entry> = entries.cloned().collect();
        let next = from.max(book.first) + entries.len() as u64;
        (entries, next)
    }

    pub(crate) fn count(&self, workspace: &str) -> Counted {
        let books = self.books();
        let mut counted = Counted::default();
        let mut latencies = Vec::new();
        for entry in books.get(workspace).iter().flat_map(|book| &book.entries) {
            counted.notifications += 1;
            *counted.outcomes.entry(entry.outcome.word()).or_default() += 1;
            *counted.topics.entry(entry.topic).or_default() += 1;
            for attempt in &entry.attempts {
                counted.requests += 1;
                *counted.answers.entry(attempt.answer.clone()).or_default() += 1;
                latencies.push(attempt.latency_ms);
            }
        }
        latencies.sort_by(f64::total_cmp);
        let last = latencies.len().saturating_sub(1);
        let at = |hundredths: usize| latencies.get(last * hundredths / 100).copied();
        counted.latency_ms = [50, 99, 100].map(|hundredths| at(hundredths).unwrap_or(0.0));
        counted
    }

    /// Forgets what is done with; what is on its way is no longer written down.
    pub(crate) fn clear(&self, workspace: &str) {
        if let Some(book) = self.books().get_mut(workspace) {
            book.first += book.entries.len() as u64;
            book.entries.clear();
        }
    }

    fn change(&self, workspace: &str, number: u64, change: impl FnOnce(&mut Entry)) {
        let mut books = self.books();
        let entry = books.get_mut(workspace).and_then(|book| {
            let index = usize::try_from(number.checked_sub(book.first)?).ok()?;
            book.entries.get_mut(index)
        });
        if let Some(entry) = entry {
            change(entry);
        }
    }

    fn books(&self) -> MutexGuard<'_, BTreeMap<&'static str, Book>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
