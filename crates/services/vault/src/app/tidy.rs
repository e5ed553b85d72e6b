use std::time::Duration;

use chrono::TimeDelta;
use harken_runtime::Shutdown;

use super::Vault;
use crate::outbound::postgres::{
    StoreError, oauth_attempts, rate_windows, sessions, sign_in_links, uninstall_checks,
    webhook_secrets,
};

const SWEEP_EVERY: Duration = Duration::from_secs(30);
/// For how long a late answer is told that it is late, and not that it is unknown.
const LATENESS_KNOWN_FOR: TimeDelta = TimeDelta::days(1);

impl Vault {
    /// Wipes tokens that were open long enough and forgets what has lapsed, until `shutdown`.
    pub(crate) async fn keep_tidy(&self, shutdown: &Shutdown) {
        while !shutdown.is_requested() {
            self.lines.sweep();
            if let Err(error) = self.forget_lapsed().await {
                tracing::warn!(error = %error, "what has lapsed is not forgotten for now");
            }
            if let Err(error) = self.end_drills().await {
                tracing::warn!(error = %error, "drills are not ended for now");
            }
            tokio::select! {
                () = tokio::time::sleep(SWEEP_EVERY) => {}
                () = shutdown.requested() => {}
            }
        }
    }

    async fn forget_lapsed(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut postgres = self.store.pool().acquire().await?;
        sign_in_links::forget_lapsed(&mut postgres, now).await?;
        sessions::forget_lapsed(&mut postgres, now).await?;
        oauth_attempts::forget_lapsed(&mut postgres, now - LATENESS_KNOWN_FOR).await?;
        rate_windows::forget_old(&mut postgres).await?;
        webhook_secrets::forget_lapsed(&mut postgres, now).await?;
        uninstall_checks::forget_settled(&mut postgres, now).await
    }
}
