use std::time::Duration;

use chrono::TimeDelta;
use harken_domain::{ConnectionId, OrganizationId};
use harken_runtime::Shutdown;

use super::Edge;
use crate::outbound::postgres::deliveries::{self, Deliveries};
use crate::outbound::postgres::{quarantine, spool};
use crate::outbound::vault::Away;

const MEASURE_EVERY: Duration = Duration::from_secs(5);
/// How far back hours are told.
const TOLD_FOR: TimeDelta = TimeDelta::hours(24);

/// Why nothing can be said of a connection's deliveries.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// It is not the organization's.
    #[error("there is no such connection")]
    NotFound,
    #[error(transparent)]
    Vault(#[from] Away),
    #[error("what was counted cannot be read")]
    Store(#[from] sqlx::Error),
}

/// How notifications of a connection arrive.
#[derive(Debug)]
pub(crate) struct Delivered {
    pub(crate) endpoint_url: String,
    pub(crate) deliveries: Deliveries,
}

/// What the edge still holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) spooled: u64,
    pub(crate) quarantined: u64,
    pub(crate) spool_first: bool,
}

impl Edge {
    /// Tells how notifications of a connection arrive. Of one that never had any, the vault knows whose it is.
    pub(crate) async fn read_deliveries(
        &self,
        organization: OrganizationId,
        connection: ConnectionId,
    ) -> Result<Delivered, ReadError> {
        let since = self.clock.now() - TOLD_FOR;
        let mut postgres = self.store.pool().acquire().await?;
        let known =
            deliveries::of_connection(&mut postgres, organization, connection, since).await?;
        drop(postgres);
        let deliveries = match known {
            Some(known) => known,
            None if self.vault.owns(organization, connection).await? => Deliveries::default(),
            None => return Err(ReadError::NotFound),
        };
        let base = self.public_url.as_str().trim_end_matches('/');
        Ok(Delivered {
            endpoint_url: format!("{base}/api/v1/webhooks/intercom/{connection}"),
            deliveries,
        })
    }

    /// Shows in the metrics what is still held.
    pub(super) async fn keep_measuring(&self, shutdown: &Shutdown) {
        while !shutdown.is_requested() {
            if let Ok(held) = self.read_held().await {
                #[expect(clippy::cast_precision_loss, reason = "a gauge")]
                for (place, rows) in [("spool", held.spooled), ("quarantine", held.quarantined)] {
                    metrics::gauge!("harken_ingress_held_rows", "place" => place).set(rows as f64);
                }
            }
            tokio::select! {
                () = tokio::time::sleep(MEASURE_EVERY) => {}
                () = shutdown.requested() => {}
            }
        }
    }

    /// Tells what is still held.
    pub(crate) async fn read_held(&self) -> Result<Held, ReadError> {
        let mut postgres = self.store.pool().acquire().await?;
        Ok(Held {
            spooled: spool::count(&mut postgres).await?,
            quarantined: quarantine::count(&mut postgres).await?,
            spool_first: self.pace.is_spool_first(),
        })
    }
}
