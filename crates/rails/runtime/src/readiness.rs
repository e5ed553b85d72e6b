//! Whether a process may be sent work, and if not, why.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, join_all};
use serde::Serialize;
use tokio::time::{Instant, timeout};

/// How long one check may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer serves the next asker, so that probes cannot load what they probe.
const FRESH: Duration = Duration::from_secs(1);

type Probe = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// What must hold before a process is ready. Clones share it.
#[derive(Clone, Default)]
pub struct Readiness {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    conditions: Mutex<Vec<Condition>>,
    latest: tokio::sync::Mutex<Option<(Instant, Snapshot)>>,
    stopping: AtomicBool,
}

#[derive(Clone)]
struct Condition {
    name: &'static str,
    probe: Probe,
}

/// The state of one condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckState {
    /// Its name.
    pub name: &'static str,
    /// Whether it holds.
    pub ready: bool,
    /// Why not; absent when it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The state of every condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// Whether all hold and the process is not stopping.
    pub ready: bool,
    /// Each of them.
    pub checks: Vec<CheckState>,
}

/// A condition that its holder opens and closes. Closed at first.
#[derive(Clone, Debug)]
pub struct Gate {
    closed: Arc<Mutex<Option<String>>>,
}

impl Gate {
    /// The condition holds.
    pub fn open(&self) {
        self.set(None);
    }

    /// The condition does not hold, for `reason`.
    pub fn close(&self, reason: impl Into<String>) {
        self.set(Some(reason.into()));
    }

    fn set(&self, closed: Option<String>) {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = closed;
    }

    fn state(&self) -> Result<(), String> {
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        closed.clone().map_or(Ok(()), Err)
    }
}

impl Readiness {
    /// No conditions yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a condition that is looked up whenever somebody asks; it errs with the reason.
    pub fn check<F>(&self, name: &'static str, probe: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        let probe: Probe = Arc::new(move || probe().boxed());
        self.conditions().push(Condition { name, probe });
    }

    /// Adds a condition that does not hold until the gate is opened.
    pub fn gate(&self, name: &'static str) -> Gate {
        let gate = Gate {
            closed: Arc::new(Mutex::new(Some("starting".to_owned()))),
        };
        let watched = gate.clone();
        self.check(name, move || std::future::ready(watched.state()));
        gate
    }

    /// Turns the process not ready for good, because it stops.
    pub fn stop(&self) {
        self.inner.stopping.store(true, Ordering::Relaxed);
    }

    /// Answers the state of every condition, at most a second old.
    pub async fn snapshot(&self) -> Snapshot {
        let mut latest = self.inner.latest.lock().await;
        let kept = latest.as_ref().filter(|(taken, _)| taken.elapsed() < FRESH);
        let mut snapshot = if let Some((_, snapshot)) = kept {
            snapshot.clone()
        } else {
            let snapshot = self.look().await;
            // Only good news is kept, so that a process turns ready without delay.
            *latest = snapshot.ready.then(|| (Instant::now(), snapshot.clone()));
            snapshot
        };
        snapshot.ready &= !self.inner.stopping.load(Ordering::Relaxed);
        snapshot
    }

    async fn look(&self) -> Snapshot {
        let conditions = self.conditions().clone();
        let checks = join_all(conditions.into_iter().map(|condition| async move {
            let outcome = match timeout(PATIENCE, (condition.probe)()).await {
                Ok(outcome) => outcome,
                Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
            };
            CheckState {
                name: condition.name,
                ready: outcome.is_ok(),
                reason: outcome.err(),
            }
        }))
        .await;
        Snapshot {
            ready: checks.iter().all(|check| check.ready),
            checks,
        }
    }

    fn conditions(&self) -> MutexGuard<'_, Vec<Condition>> {
        self.inner
            .conditions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self
            .conditions()
            .iter()
            .map(|condition| condition.name)
            .collect();
        f.debug_tuple("Readiness").field(&names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_gate_holds_the_process_back_until_it_opens() {
        let readiness = Readiness::new();
        let gate = readiness.gate("bus");
        assert_eq!(
            readiness.snapshot().await.checks[0].reason.as_deref(),
            Some("starting")
        );
        gate.open();
        assert!(readiness.snapshot().await.ready);
    }

    #[tokio::test]
    async fn a_stopping_process_is_not_ready_at_once() {
        let readiness = Readiness::new();
        assert!(readiness.snapshot().await.ready);
        readiness.stop();
        assert!(!readiness.snapshot().await.ready);
    }

    #[tokio::test(start_paused = true)]
    async fn a_check_that_hangs_counts_as_failed() {
        let readiness = Readiness::new();
        readiness.check("postgres", std::future::pending);
        let snapshot = readiness.snapshot().await;
        assert_eq!(
            snapshot.checks[0].reason.as_deref(),
            Some("no answer within 2 s")
        );
    }
}
