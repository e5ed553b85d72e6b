//! Tasks that are known by name, waited for at the end, and missed when they die early.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use tokio::task::AbortHandle;
use tokio_util::task::TaskTracker;

use crate::Shutdown;

/// The tasks of a process. Clones share them.
#[derive(Clone, Debug)]
pub struct Tasks {
    shutdown: Shutdown,
    tracker: TaskTracker,
    roll: Arc<Mutex<Roll>>,
}

#[derive(Debug, Default)]
struct Roll {
    next: u64,
    running: BTreeMap<u64, Running>,
    failure: Option<TaskFailure>,
}

#[derive(Debug)]
struct Running {
    name: &'static str,
    awaited: bool,
    abort: Option<AbortHandle>,
}

/// An essential task that ended before it was asked to.
#[derive(Debug, thiserror::Error)]
#[error("{task} stopped")]
pub struct TaskFailure {
    /// Its name.
    pub task: &'static str,
    /// Why.
    #[source]
    pub cause: anyhow::Error,
}

/// How the tasks ended.
#[derive(Debug)]
pub struct Drained {
    /// Tasks that did not end in time and were cut.
    pub unfinished: Vec<&'static str>,
    /// The first essential task that ended too early, if one did.
    pub failure: Option<TaskFailure>,
}

impl Drained {
    /// The failure that ended the process, if one did.
    pub fn into_result(self) -> Result<(), TaskFailure> {
        self.failure.map_or(Ok(()), Err)
    }
}

impl Tasks {
    /// No tasks yet. `shutdown` is requested when an essential task fails.
    pub fn new(shutdown: Shutdown) -> Self {
        Self {
            shutdown,
            tracker: TaskTracker::new(),
            roll: Arc::default(),
        }
    }

    /// Runs a task whose end is nobody's loss. It is waited for at the end.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.start(name, true, self.clone().guarded(name, task));
    }

    /// Runs a task that serves until the very end, as the health endpoints do: not waited for, cut when all others ended.
    pub fn spawn_background(
        &self,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        self.start(name, false, self.clone().guarded(name, task));
    }

    /// Runs a task that the process cannot do without: its early end or panic requests the shutdown and is the failure.
    pub fn spawn_essential<E>(
        &self,
        name: &'static str,
        task: impl Future<Output = Result<(), E>> + Send + 'static,
    ) where
        E: Into<anyhow::Error> + Send + 'static,
    {
        let tasks = self.clone();
        self.start(name, true, async move {
            let cause = match AssertUnwindSafe(task).catch_unwind().await {
                Ok(Ok(())) if tasks.shutdown.is_requested() => return,
                Ok(Ok(())) => anyhow::anyhow!("it ended although nobody asked it to"),
                Ok(Err(cause)) => cause.into(),
                Err(_) => anyhow::anyhow!("it panicked"),
            };
            tasks.fail(TaskFailure { task: name, cause });
        });
    }

    /// Waits until every task has ended, at most `patience`; then cuts what still runs.
    pub async fn drain(&self, patience: Duration) -> Drained {
        self.tracker.close();
        let _ = tokio::time::timeout(patience, self.tracker.wait()).await;
        let mut roll = self.roll();
        let mut unfinished = Vec::new();
        for running in roll.running.values() {
            if let Some(abort) = &running.abort {
                abort.abort();
            }
            if running.awaited {
                unfinished.push(running.name);
            }
        }
        Drained {
            unfinished,
            failure: roll.failure.take(),
        }
    }

    async fn guarded(self, name: &'static str, task: impl Future<Output = ()> + Send) {
        if AssertUnwindSafe(task).catch_unwind().await.is_err() {
            tracing::error!(task = name, "task panicked");
            metrics::counter!("harken_task_panics_total", "task" => name).increment(1);
        }
    }

    fn start(
        &self,
        name: &'static str,
        awaited: bool,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        let mut roll = self.roll();
        let number = roll.next;
        roll.next += 1;
        roll.running.insert(
            number,
            Running {
                name,
                awaited,
                abort: None,
            },
        );
        let tasks = self.clone();
        let signed_off = async move {
            task.await;
            tasks.roll().running.remove(&number);
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that starts tasks"
        )]
        let handle = if awaited {
            tokio::spawn(self.tracker.track_future(signed_off))
        } else {
            tokio::spawn(signed_off)
        };
        if let Some(running) = roll.running.get_mut(&number) {
            running.abort = Some(handle.abort_handle());
        }
    }

    fn fail(&self, failure: TaskFailure) {
        tracing::error!(
            task = failure.task,
            error = format!("{:#}", failure.cause),
            "task failed"
        );
        self.roll().failure.get_or_insert(failure);
        self.shutdown.begin();
    }

    fn roll(&self) -> MutexGuard<'_, Roll> {
        self.roll.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::future;
    use std::io;

    use super::*;

    const SOON: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn tasks_that_heed_the_shutdown_drain() {
        let (shutdown, trigger) = Shutdown::manual();
        let tasks = Tasks::new(shutdown.clone());
        tasks.spawn("worker", async move { shutdown.requested().await });
        trigger.pull();
        let drained = tasks.drain(SOON).await;
        assert!(drained.unfinished.is_empty());
        assert!(drained.into_result().is_ok());
    }

    #[tokio::test]
    async fn a_task_that_does_not_end_is_cut_and_named() {
        let (shutdown, _trigger) = Shutdown::manual();
        let tasks = Tasks::new(shutdown);
        tasks.spawn("stubborn", future::pending());
        tasks.spawn_background("ops", future::pending());
        let drained = tasks.drain(Duration::from_millis(20)).await;
        assert_eq!(drained.unfinished, ["stubborn"]);
    }

    #[tokio::test]
    async fn the_failure_of_an_essential_task_stops_the_process() {
        let (shutdown, _trigger) = Shutdown::manual();
        let tasks = Tasks::new(shutdown.clone());
        tasks.spawn_essential("relay", async { Err(io::Error::other("disk full")) });
        shutdown.requested().await;
        let failure = tasks.drain(SOON).await.into_result().unwrap_err();
        assert_eq!(failure.task, "relay");
        assert_eq!(failure.cause.to_string(), "disk full");
    }

    #[tokio::test]
    async fn a_panic_and_an_early_end_are_failures_too() {
        let (shutdown, _trigger) = Shutdown::manual();
        let tasks = Tasks::new(shutdown.clone());
        tasks.spawn_essential("fragile", async {
            assert!(shutdown_is_far(), "gone");
            Ok::<(), io::Error>(())
        });
        shutdown.requested().await;
        assert!(tasks.drain(SOON).await.into_result().is_err());

        let (shutdown, _trigger) = Shutdown::manual();
        let tasks = Tasks::new(shutdown.clone());
        tasks.spawn_essential("idle", async { Ok::<(), io::Error>(()) });
        shutdown.requested().await;
        assert!(tasks.drain(SOON).await.into_result().is_err());
    }

    fn shutdown_is_far() -> bool {
        false
    }
}
