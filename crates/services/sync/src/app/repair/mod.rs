//! Repairs: records that a notification could not bring whole are fetched, ahead of any backfill.

mod found;
mod left_out;
mod write;

use std::{convert::Infallible, sync::Arc, time::Duration};

use harken_intercom::Priority;
use harken_runtime::{Shutdown, Tasks};
use tokio::{sync::Semaphore, time::sleep};

use self::found::{FetchError, Found, outcome};
use super::Sync;
use crate::outbound::{
    postgres::{
        StoreError, is_refusal,
        repairs::{self, Claimed},
    },
    vault::VaultTransport,
};

/// Records fetched at once.
const AT_ONCE: usize = 8;
/// How long nobody else gets a repair whose worker is silent.
const LEASE_SECS: f64 = 30.0;
const RENEW_EVERY: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// The first delay after a failure; each one after is twice as long.
const FIRST_DELAY_SECS: f64 = 1.0;
const LONGEST_DELAY_SECS: f64 = 300.0;
/// An answer that cannot be read this often is given up; the next full sync reads the record.
const MOST_ATTEMPTS: i32 = 10;

/// Fetches what has to be fetched, several at a time.
#[derive(Debug)]
pub(crate) struct Repairs {
    sync: Sync,
    tasks: Tasks,
    shutdown: Shutdown,
    seats: Arc<Semaphore>,
}

impl Repairs {
    pub(crate) fn new(sync: Sync, tasks: Tasks, shutdown: Shutdown) -> Self {
        Self {
            sync,
            tasks,
            shutdown,
            seats: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Works until the process stops. What is under way then is given back.
    pub(crate) async fn work(self) {
        while !self.shutdown.is_requested() {
            let free = self.seats.available_permits();
            let claimed = if free == 0 {
                Ok(Vec::new())
            } else {
                self.claim(free).await
            };
            match claimed {
                Ok(claimed) if claimed.is_empty() => self.wait().await,
                Ok(claimed) => {
                    for one in claimed {
                        self.begin(one).await;
                    }
                }
                Err(cause) => {
                    tracing::warn!(error = %cause, "repairs cannot be claimed");
                    self.wait().await;
                }
            }
        }
    }

    async fn wait(&self) {
        tokio::select! {
            () = sleep(LOOK_EVERY) => {}
            () = self.sync.wanted.notified() => {}
            () = self.shutdown.requested() => {}
        }
    }

    async fn claim(&self, most: usize) -> Result<Vec<Claimed>, StoreError> {
        let mut tx = self.sync.store.begin().await?;
        let most = i64::try_from(most).unwrap_or(1);
        let claimed = repairs::claim(&mut tx, most, LEASE_SECS).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    async fn begin(&self, claimed: Claimed) {
        let Ok(seat) = Arc::clone(&self.seats).acquire_owned().await else {
            return;
        };
        let (sync, shutdown) = (self.sync.clone(), self.shutdown.clone());
        self.tasks.spawn("sync-repair", async move {
            tokio::select! {
                () = sync.repair(&claimed) => {}
                never = sync.hold(&claimed) => match never {},
                () = shutdown.requested() => sync.give_back(&claimed).await,
            }
            sync.wanted.notify_one();
            drop(seat);
        });
    }
}

impl Sync {
    async fn repair(&self, claimed: &Claimed) {
        let connection = claimed.wanted.connection;
        let whose = (claimed.organization, connection);
        let transport = VaultTransport::new(&self.vault, whose.0, whose.1, Arc::default());
        let reader = match self.reader(whose, Priority::Repair, transport).await {
            Ok(reader) => reader,
            Err(cause) => {
                tracing::warn!(connection.id = %connection, error = %cause, "a record could not be repaired");
                let _ = self.put_off(claimed).await;
                return;
            }
        };
        let written = match self.fetch(&reader, claimed).await {
            Ok(Found::NotYet) => self.put_off(claimed).await.map_err(|cause| (cause, false)),
            Ok(found) => self
                .write(claimed, found)
                .await
                .map_err(|cause| (cause, true)),
            Err(FetchError::Store(cause)) => Err((cause, true)),
            Err(FetchError::Read(error)) => match outcome(&error, claimed) {
                Some(found) => self
                    .write(claimed, found)
                    .await
                    .map_err(|cause| (cause, true)),
                None => self.put_off(claimed).await.map_err(|cause| (cause, false)),
            },
        };
        let Err((cause, is_write)) = written else {
            return;
        };
        tracing::warn!(connection.id = %connection, kind = claimed.wanted.kind.as_str(), error = %cause, "a record could not be repaired");
        if is_write && !(is_refusal(&cause) && claimed.attempts >= MOST_ATTEMPTS) {
            // Its lease would hold it back for longer than need be.
            let _ = self.put_off(claimed).await;
        }
    }

    /// Renews the lease for as long as it is polled.
    async fn hold(&self, claimed: &Claimed) -> Infallible {
        loop {
            sleep(RENEW_EVERY).await;
            self.renew(claimed, LEASE_SECS).await;
        }
    }

    /// Lets anybody go on with it at once.
    async fn give_back(&self, claimed: &Claimed) {
        self.renew(claimed, 0.0).await;
    }

    /// Without the store the lease runs out, and the record is fetched twice; that harms nothing.
    async fn renew(&self, claimed: &Claimed, lease_secs: f64) {
        if let Ok(mut store) = self.store.pool().acquire().await {
            let _ = repairs::renew(&mut store, &claimed.wanted, lease_secs).await;
        }
    }

    async fn put_off(&self, claimed: &Claimed) -> Result<(), StoreError> {
        let delay_secs = FIRST_DELAY_SECS * 2_f64.powi(claimed.attempts.clamp(0, 20));
        let mut store = self.store.pool().acquire().await?;
        repairs::put_off(
            &mut store,
            &claimed.wanted,
            delay_secs.min(LONGEST_DELAY_SECS),
        )
        .await?;
        Ok(())
    }
}
