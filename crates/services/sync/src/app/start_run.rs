use harken_domain::{ConnectionId, OrganizationId, RunId};
use sqlx::PgConnection;

use super::Sync;
use crate::{
    outbound::postgres::{
        StoreError,
        connections::{self, ConnectionRow},
        runs::{self, NewRun, RunKind, RunRow, Trigger},
        settings,
    },
    rules::{checkpoint::Checkpoint, counts::Counts, incremental::Place},
};

/// Why no run could be started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartRunError {
    #[error("the connection is not known")]
    UnknownConnection,
    #[error("the connection is closed: {reason}")]
    Closed { reason: String },
    #[error("no workspace stands behind the connection")]
    Synthetic,
    #[error("a member paused it")]
    Paused,
    #[error("no full run has got to its end yet")]
    NothingToGoOnFrom,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for StartRunError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Sync {
    /// Starts a run that somebody asked for, or answers the one that is going on.
    pub(crate) async fn start_run(
        &self,
        organization: OrganizationId,
        connection: ConnectionId,
        kind: RunKind,
    ) -> Result<RunRow, StartRunError> {
        let mut tx = self.store.begin().await?;
        let known = connections::find(&mut tx, organization, connection)
            .await?
            .ok_or(StartRunError::UnknownConnection)?;
        if !known.is_open {
            return Err(StartRunError::Closed {
                reason: known.state_reason,
            });
        }
        if known.is_synthetic {
            return Err(StartRunError::Synthetic);
        }
        if settings::lock(&mut tx, connection)
            .await?
            .paused_at
            .is_some()
        {
            return Err(StartRunError::Paused);
        }
        let trigger = Trigger::Requested;
        let run = match kind {
            RunKind::Full => self.queue_run(&mut tx, &known, trigger).await?,
            RunKind::Incremental => self
                .queue_incremental_run(&mut tx, &known, trigger)
                .await?
                .ok_or(StartRunError::NothingToGoOnFrom)?,
        };
        let row = runs::find(&mut tx, organization, run).await?;
        tx.commit().await?;
        self.queued.notify_one();
        row.ok_or(StartRunError::UnknownConnection)
    }

    /// Queues a full import unless a run is going on; answers the one that will be, or is.
    pub(super) async fn queue_run(
        &self,
        store: &mut PgConnection,
        connection: &ConnectionRow,
        trigger: Trigger,
    ) -> Result<RunId, StoreError> {
        let new = NewRun {
            run: RunId::generate(&self.clock),
            connection: connection.connection,
            kind: RunKind::Full,
            trigger,
            checkpoint: Checkpoint::START,
            counts: Counts::default(),
            bound_at: None,
        };
        self.queue(store, connection, new).await
    }

    /// Queues a run that reads what changed, unless a run is going on; answers the one that will be, or is. None as long as
    /// no full run has got to its end: there is nothing to go on from.
    pub(super) async fn queue_incremental_run(
        &self,
        store: &mut PgConnection,
        connection: &ConnectionRow,
        trigger: Trigger,
    ) -> Result<Option<RunId>, StoreError> {
        let Some(since) = runs::covered_until(store, connection.connection).await? else {
            return Ok(None);
        };
        let new = NewRun {
            run: RunId::generate(&self.clock),
            connection: connection.connection,
            kind: RunKind::Incremental,
            trigger,
            checkpoint: Checkpoint::Incremental(Place::start(since)),
            counts: Counts::default(),
            bound_at: None,
        };
        self.queue(store, connection, new).await.map(Some)
    }

    pub(super) async fn queue(
        &self,
        store: &mut PgConnection,
        connection: &ConnectionRow,
        new: NewRun,
    ) -> Result<RunId, StoreError> {
        let run = new.run;
        if !runs::queue(store, &new, self.clock.now()).await? {
            // One that ended in between is no longer in the way.
            let going_on = runs::going_on(store, connection.connection).await?;
            return Ok(going_on.unwrap_or(run));
        }
        Ok(run)
    }
}
