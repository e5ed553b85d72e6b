use std::time::Duration;

use harken_domain::{ConnectionId, OrganizationId, RunId};
use harken_runtime::Shutdown;

use super::Sync;
use crate::{
    outbound::postgres::{
        StoreError, connections,
        runs::{self, NewRun, RunKind, Trigger},
        schedule, settings,
    },
    rules::{
        checkpoint::Checkpoint,
        counts::Counts,
        schedule::{Due, Next},
    },
};

/// How often it is looked which runs are due.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Queues runs that are due, until `shutdown`. Several processes may do so at once.
pub(crate) async fn keep_schedule(sync: Sync, shutdown: Shutdown) {
    while !shutdown.is_requested() {
        if let Err(cause) = sync.queue_due().await {
            tracing::warn!(error = %cause, "runs that are due were not queued");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = shutdown.requested() => {}
        }
    }
}

impl Sync {
    async fn queue_due(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut store = self.store.pool().acquire().await?;
        let planned = schedule::outlooks(&mut store, None, now).await?;
        drop(store);
        for one in planned {
            if one.outlook.next(now).is_some_and(|due| due.at <= now) {
                self.queue_if_due(one.organization, one.connection).await?;
            }
        }
        Ok(())
    }

    /// Looks again under the lock of the connection's settings, which whoever queues a run holds: another process may have
    /// been faster, and its run may even have ended by now.
    async fn queue_if_due(
        &self,
        organization: OrganizationId,
        connection: ConnectionId,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        if settings::try_lock(&mut tx, connection).await?.is_none() {
            return Ok(());
        }
        let planned = schedule::outlooks(&mut tx, Some(connection), now).await?;
        let due = planned.first().and_then(|one| one.outlook.next(now));
        let Some(Due { what, .. }) = due.filter(|due| due.at <= now) else {
            return Ok(());
        };
        let Some(known) = connections::find(&mut tx, organization, connection).await? else {
            return Ok(());
        };
        let queued = match what {
            Next::Full => {
                let new = self.full_run_again(&mut tx, connection).await?;
                Some(self.queue(&mut tx, &known, new).await?)
            }
            Next::Changes => {
                self.queue_incremental_run(&mut tx, &known, Trigger::Scheduled)
                    .await?
            }
            Next::ChangesAfterSilence => {
                self.queue_incremental_run(&mut tx, &known, Trigger::Silence)
                    .await?
            }
        };
        tx.commit().await?;
        if let Some(run) = queued {
            tracing::info!(run.id = %run, connection.id = %connection, what = ?what, "a run is due");
            self.queued.notify_one();
        }
        Ok(())
    }

    /// A full run that goes on where the last one failed: what that one read need not be read again, and what changed since
    /// it began is still the next run's.
    async fn full_run_again(
        &self,
        store: &mut sqlx::PgConnection,
        connection: ConnectionId,
    ) -> Result<NewRun, StoreError> {
        let broken_off = runs::broken_off(store, connection).await?;
        let (checkpoint, counts, bound_at) =
            broken_off.unwrap_or_else(|| (Checkpoint::START, Counts::default(), None));
        Ok(NewRun {
            run: RunId::generate(&self.clock),
            connection,
            kind: RunKind::Full,
            trigger: Trigger::Scheduled,
            checkpoint,
            counts,
            bound_at,
        })
    }
}
