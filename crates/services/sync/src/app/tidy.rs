use std::time::Duration;

use chrono::TimeDelta;
use harken_runtime::Shutdown;

use super::Sync;
use crate::outbound::postgres::{StoreError, notifications};

/// How long it is remembered what became of a notification: longer than the bus keeps it.
const TRACES_KEPT: TimeDelta = TimeDelta::days(8);
const EVERY: Duration = Duration::from_secs(5);

/// Forgets old traces of notifications, until `shutdown`.
pub(crate) async fn keep_live_tidy(sync: Sync, shutdown: Shutdown) {
    while !shutdown.is_requested() {
        if let Err(cause) = tidy(&sync, &shutdown).await {
            tracing::warn!(error = %cause, "rows that nothing needs were not erased");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = shutdown.requested() => {}
        }
    }
}

async fn tidy(sync: &Sync, shutdown: &Shutdown) -> Result<(), StoreError> {
    let now = sync.clock.now();
    let mut store = sync.store.pool().acquire().await?;
    while !shutdown.is_requested()
        && notifications::forget(&mut store, now - TRACES_KEPT).await? > 0
    {}
    Ok(())
}
