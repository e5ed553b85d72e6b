use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use harken_domain::RunId;
use harken_runtime::{Shutdown, Tasks};
use tokio::{sync::Semaphore, time::sleep};
use uuid::Uuid;

use super::{Desk, Halt, Ledger, ending, walk};
use crate::{
    app::{Sync, reader::NoReader},
    outbound::postgres::{
        StoreError, is_refusal,
        leases::{self, Claimed},
        runs::RunKind,
    },
    rules::failure::NO_PSEUDONYM_KEY,
};

/// How long a worker waits before it looks for runs again.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const AFTER_TROUBLE: Duration = Duration::from_secs(1);
/// What the store refuses this often in a row, it will refuse for ever.
const MOST_REFUSALS: u32 = 3;

/// Claims runs and does them, several at once.
#[derive(Clone, Debug)]
pub(crate) struct Worker {
    sync: Sync,
    tasks: Tasks,
    shutdown: Shutdown,
    seats: Arc<Semaphore>,
    /// How often the store refused what a run wanted to write.
    refusals: Arc<Mutex<HashMap<RunId, u32>>>,
}

impl Worker {
    pub(crate) fn new(sync: Sync, tasks: Tasks, shutdown: Shutdown, runs_at_once: usize) -> Self {
        Self {
            sync,
            tasks,
            shutdown,
            seats: Arc::new(Semaphore::new(runs_at_once)),
            refusals: Arc::default(),
        }
    }

    /// Works until the process stops. Runs under way are given back then.
    pub(crate) async fn work(self) {
        while !self.shutdown.is_requested() {
            let Ok(seat) = Arc::clone(&self.seats).acquire_owned().await else {
                return;
            };
            // A name for each run that is done, so that another seat of ours is somebody else.
            let owner = Uuid::new_v4();
            match self.claim(owner).await {
                Ok(Some(claimed)) => {
                    let worker = self.clone();
                    self.tasks.spawn("sync-run", async move {
                        Box::pin(worker.execute(claimed, owner)).await;
                        drop(seat);
                    });
                }
                Ok(None) => self.wait(LOOK_EVERY).await,
                Err(cause) => {
                    tracing::warn!(error = %cause, "runs cannot be claimed");
                    self.wait(AFTER_TROUBLE).await;
                }
            }
        }
    }

    async fn wait(&self, pause: Duration) {
        tokio::select! {
            () = sleep(pause) => {}
            () = self.sync.queued.notified() => {}
            () = self.shutdown.requested() => {}
        }
    }

    async fn claim(&self, owner: Uuid) -> Result<Option<Claimed>, StoreError> {
        let lease_secs = self.sync.limits.lease.as_secs_f64();
        let mut tx = self.sync.store.begin().await?;
        let claimed = leases::claim(&mut tx, owner, lease_secs, self.sync.clock.now()).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    async fn execute(&self, claimed: Claimed, owner: Uuid) {
        let desk = match Desk::new(self.sync.clone(), &claimed, owner).await {
            Ok(desk) => desk,
            Err(cause) => return self.give_up(&claimed, owner, cause).await,
        };
        let mut ledger = Ledger::new(&claimed);
        desk.notes.info(match claimed.kind {
            _ if claimed.goes_on => "Goes on where it stopped",
            RunKind::Full => "Reads everything",
            RunKind::Incremental => "Reads what changed",
        });
        tracing::info!(run.id = %desk.run, connection.id = %desk.connection, kind = claimed.kind.as_str(), goes_on = claimed.goes_on, "run claimed");
        let outcome = tokio::select! {
            outcome = walk(&desk, &mut ledger) => outcome,
            lost = desk.hold() => Err(lost),
            () = self.shutdown.requested() => Err(Halt::Stopping),
        };
        let ended = match outcome {
            Ok(()) => ending::complete(&desk, &ledger).await,
            Err(Halt::Failed(reason)) => ending::fail(&desk, &ledger, &reason).await,
            Err(halt) => Err(halt),
        };
        match ended {
            Ok(()) => self.forget(desk.run),
            Err(halt) => self.put_down(&desk, &ledger, halt).await,
        }
    }

    /// Ends a run that nobody will ever be able to read for, or leaves it for later.
    async fn give_up(&self, claimed: &Claimed, owner: Uuid, cause: NoReader) {
        tracing::warn!(run.id = %claimed.run, error = chain(&cause), "run cannot begin");
        if let NoReader::NoKey = cause {
            let ended = ending::refuse(&self.sync, claimed, NO_PSEUDONYM_KEY).await;
            if ended.is_ok() {
                return;
            }
        }
        sleep(AFTER_TROUBLE).await;
        if let Ok(mut store) = self.sync.store.pool().acquire().await {
            let _ = leases::release(&mut store, claimed.run, owner).await;
        }
    }

    /// Leaves a run that is not ended here, so that somebody can go on with it.
    async fn put_down(&self, desk: &Desk, ledger: &Ledger, halt: Halt) {
        match halt {
            Halt::Lost => {
                tracing::info!(run.id = %desk.run, "run was ended or taken by another");
                return;
            }
            Halt::Store(cause) => {
                tracing::warn!(run.id = %desk.run, error = chain(&cause), "run stopped: the store failed");
                if self.refused(desk.run, &cause) {
                    let reason =
                        "Harken could not store what it read. This is our fault: please report it.";
                    let failed = ending::fail(desk, ledger, reason).await;
                    return failed.map_or((), |()| self.forget(desk.run));
                }
                sleep(AFTER_TROUBLE).await;
            }
            Halt::Stopping | Halt::Failed(_) | Halt::Blocked => {}
        }
        if let Ok(mut store) = self.sync.store.pool().acquire().await {
            let _ = leases::release(&mut store, desk.run, desk.owner).await;
        }
    }

    /// Notes that the store refused what a run wanted to write; whether that was once too often.
    fn refused(&self, run: RunId, cause: &StoreError) -> bool {
        if !is_refusal(cause) {
            return false;
        }
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let times = refusals.entry(run).or_default();
        *times += 1;
        *times >= MOST_REFUSALS
    }

    fn forget(&self, run: RunId) {
        self.refusals
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&run);
    }
}

/// An error and all that caused it, in one line. Postgres quotes values in details only, which are not part of it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        line.push_str(": ");
        line.push_str(&next.to_string());
        cause = next.source();
    }
    line
}
