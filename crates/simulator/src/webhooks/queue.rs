//! What is on its way, by when it is due.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::envelope::Notification;
use super::subscription::Subscription;

/// A notification on its way to one endpoint.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) subscription: Arc<Subscription>,
    /// The workspace's key.
    pub(super) workspace: &'static str,
    /// Its line in the workspace's ledger.
    pub(super) entry: u64,
    pub(super) notification: Notification,
    /// How often it was sent.
    pub(super) attempts: u32,
    pub(super) first_due_ms: u64,
}

#[derive(Debug)]
pub(super) enum Job {
    Notify(Delivery),
    /// Tells the uninstall URL, once.
    Uninstalled {
        workspace: &'static str,
        entry: u64,
        url: String,
        body: String,
        secret: Option<String>,
    },
}

#[derive(Debug)]
struct Due {
    at: Instant,
    number: u64,
    job: Job,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<BinaryHeap<Reverse<Due>>>,
    came: Notify,
}

impl Queue {
    pub(super) fn push(&self, at: Instant, number: u64, job: Job) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(Reverse(Due { at, number, job }));
        drop(waiting);
        self.came.notify_one();
    }

    /// Waits for the next job that is due and takes it.
    pub(super) async fn next(&self) -> Job {
        loop {
            let wake_at = match self.take() {
                Ok(job) => return job,
                Err(wake_at) => wake_at,
            };
            match wake_at {
                Some(at) => tokio::select! {
                    () = sleep_until(at) => {}
                    () = self.came.notified() => {}
                },
                None => self.came.notified().await,
            }
        }
    }

    /// A job that is due, or when the first one will be.
    fn take(&self) -> Result<Job, Option<Instant>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match waiting.peek() {
            Some(Reverse(first)) if first.at <= Instant::now() => {}
            first => return Err(first.map(|Reverse(first)| first.at)),
        }
        let more = waiting.len() > 1;
        let job = waiting.pop().map(|Reverse(due)| due.job).ok_or(None)?;
        drop(waiting);
        if more {
            // One signal may have stood for several pushes.
            self.came.notify_one();
        }
        Ok(job)
    }
}
