use std::time::Duration;

use chrono::{DateTime, Utc};
use harken_bus::StreamError;
use harken_domain::ConnectionId;
use harken_runtime::Shutdown;
use metrics::gauge;

use super::super::Vault;
use crate::outbound::postgres::audit::{self, Deed};
use crate::outbound::postgres::erasure_requests::{self, ErasureRequest};
use crate::outbound::postgres::{
    StoreError, connections, erasure_receipts, revocations, sealed_secrets,
};
use crate::rules::connection::Connection;
use crate::rules::erasure::{BUS, OWN, SWEEP_AFTER, Standing};

/// How often is looked whether an erasure can be finished.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const PURGED: &str = "its data was removed; every service has answered with what it erased";

#[derive(Debug, thiserror::Error)]
enum FinishError {
    #[error(transparent)]
    Bus(#[from] StreamError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for FinishError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Vault {
    /// Finishes erasures whose receipts are in, and says which take too long, until `shutdown`.
    pub(crate) async fn keep_finishing_erasures(&self, shutdown: &Shutdown) {
        while !shutdown.is_requested() {
            if let Err(error) = self.finish_erasures().await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "erasures are not finished for now");
            }
            tokio::select! {
                () = self.erasure_moved.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = shutdown.requested() => {}
            }
        }
    }

    async fn finish_erasures(&self) -> Result<(), FinishError> {
        let now = self.clock.now();
        let mut postgres = self.store.pool().acquire().await?;
        let unfinished = erasure_requests::unfinished(&mut postgres).await?;
        let unswept = erasure_requests::unswept(&mut postgres, now - SWEEP_AFTER).await?;
        drop(postgres);
        let mut overdue = 0_u32;
        for request in unfinished {
            let standing = self.standing(&request).await?;
            if standing.is_answered() && self.is_quiet(request.connection).await? {
                self.finish(&request, now).await?;
            } else if standing.is_overdue(now) {
                overdue += 1;
                self.tell_overdue(&request, &standing, now).await?;
            }
        }
        gauge!("harken_vault_erasures_overdue").set(f64::from(overdue));
        for connection in unswept {
            self.sweep(connection, now).await?;
        }
        Ok(())
    }

    async fn standing(&self, request: &ErasureRequest) -> Result<Standing, FinishError> {
        let mut postgres = self.store.pool().acquire().await?;
        let receipts = erasure_receipts::list(&mut postgres, request.connection).await?;
        Ok(Standing {
            requested_at: request.requested_at,
            completed_at: request.completed_at,
            answered: receipts.into_iter().map(|it| it.service).collect(),
        })
    }

    /// Whether the token is revoked, or given up, and nothing is on its way to the bus any more.
    async fn is_quiet(&self, connection: ConnectionId) -> Result<bool, FinishError> {
        let mut postgres = self.store.pool().acquire().await?;
        Ok(
            !revocations::is_outstanding(&mut postgres, connection).await?
                && erasure_requests::is_told(&mut postgres, connection).await?,
        )
    }

    /// Clears the bus and writes the last receipts. What the bus holds is written down before it goes: killed in between,
    /// it is cleared again, and the count stands.
    async fn finish(
        &self,
        request: &ErasureRequest,
        now: DateTime<Utc>,
    ) -> Result<(), FinishError> {
        let id = request.connection;
        let held = self.bus.held(id).await?;
        let held: Vec<(&str, u64)> = held
            .iter()
            .map(|(stream, messages)| (stream.name(), *messages))
            .collect();
        let mut tx = self.store.begin().await?;
        if !erasure_requests::lock_unfinished(&mut tx, id).await? {
            return Ok(());
        }
        erasure_receipts::count_at_least(&mut tx, id, BUS, &held).await?;
        tx.commit().await?;
        let purged = self.bus.purge(id).await?;
        let purged: Vec<(&str, u64)> = purged
            .iter()
            .map(|(stream, messages)| (stream.name(), *messages))
            .collect();

        let mut tx = self.store.begin().await?;
        let known = connections::lock(&mut tx, request.organization, id).await?;
        let Some(connection) = known.filter(Connection::is_erasing) else {
            return Ok(());
        };
        if !erasure_requests::lock_unfinished(&mut tx, id).await? {
            return Ok(());
        }
        erasure_receipts::count_at_least(&mut tx, id, BUS, &purged).await?;
        erasure_receipts::insert(&mut tx, id, BUS, now).await?;
        let destroyed = sealed_secrets::destroy(&mut tx, request.organization, id).await?;
        erasure_receipts::count(&mut tx, id, OWN, &destroyed).await?;
        erasure_receipts::insert(&mut tx, id, OWN, now).await?;
        erasure_requests::complete(&mut tx, id, now).await?;
        connections::put(&mut tx, &connection.purged(PURGED)).await?;
        let deed = Deed {
            actor: "vault",
            action: "connection.purged",
            subject: &id.to_string(),
            detail: "every receipt is in; the data key is destroyed",
        };
        audit::append(&mut tx, request.organization, now, deed).await?;
        tx.commit().await?;
        tracing::info!(connection.id = %id, "a connection was purged");
        Ok(())
    }

    /// Says once that an erasure takes too long.
    async fn tell_overdue(
        &self,
        request: &ErasureRequest,
        standing: &Standing,
        now: DateTime<Utc>,
    ) -> Result<(), FinishError> {
        if request.overdue_told_at.is_some() {
            return Ok(());
        }
        let (id, words) = (request.connection, standing.overdue_words());
        let mut tx = self.store.begin().await?;
        let known = connections::lock(&mut tx, request.organization, id).await?;
        if let Some(connection) = known {
            connections::put(&mut tx, &connection.overdue(&words)).await?;
        }
        erasure_requests::told_overdue(&mut tx, id, now).await?;
        tx.commit().await?;
        let waiting_for = standing.waiting_for().join(", ");
        tracing::error!(connection.id = %id, waiting_for, "data of a connection is not removed after 24 hours");
        Ok(())
    }

    /// Clears the bus once more: an edge may have sent what it took in before it heard of the end.
    async fn sweep(&self, id: ConnectionId, now: DateTime<Utc>) -> Result<(), FinishError> {
        let purged = self.bus.purge(id).await?;
        let purged: Vec<(&str, u64)> = purged
            .iter()
            .map(|(stream, messages)| (stream.name(), *messages))
            .collect();
        let mut tx = self.store.begin().await?;
        if erasure_requests::swept(&mut tx, id, now).await? {
            erasure_receipts::count(&mut tx, id, BUS, &purged).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
