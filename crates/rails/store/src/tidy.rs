//! Rows that nothing needs any more.

use std::time::Duration;

use chrono::TimeDelta;
use harken_runtime::Shutdown;

use crate::{Store, inbox};

/// Longer than a message keeps coming back: its attempts end after about two hours, and a process that was away over a long
/// weekend is given again what it had not acknowledged. What comes later still, because a consumer was made anew, finds
/// newer revisions in its way.
const CLAIMS_KEPT: TimeDelta = TimeDelta::days(4);
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
