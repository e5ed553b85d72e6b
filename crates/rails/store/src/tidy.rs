//! Rows that nothing needs any more.

use std::time::Duration;

use chrono::TimeDelta;
use harken_runtime::Shutdown;

use crate::{Store, inbox};

/// Longer than any stream keeps a message that a consumer reads (30 days).
const CLAIMS_KEPT: TimeDelta = TimeDelta::days(32);
const EVERY: Duration = Duration::from_mins(10);

/// Forgets old claims of the inbox, every ten minutes, until `shutdown`.
pub async fn keep_tidy(store: Store, shutdown: Shutdown) {
    while !shutdown.is_requested() {
        if let Err(cause) = forget_claims(&store).await {
            tracing::warn!(error = %cause, "old claims were not forgotten");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = shutdown.requested() => {}
        }
    }
}

async fn forget_claims(store: &Store) -> Result<(), sqlx::Error> {
    let mut connection = store.pool().acquire().await?;
    while inbox::forget(&mut connection, CLAIMS_KEPT).await? > 0 {}
    Ok(())
}
