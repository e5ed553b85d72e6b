use std::time::Duration;

use chrono::TimeDelta;
use harken_runtime::Shutdown;
use metrics::counter;

use super::Vault;
use super::keyring::Home;
use crate::outbound::postgres::StoreError;
use crate::outbound::postgres::audit::{self, Deed};
use crate::outbound::postgres::{erasure_receipts, erasure_requests, revocations};
use crate::rules::erasure::OWN;
use crate::rules::patience;
use crate::rules::seal::DoesNotOpen;

/// How often is looked for revocations that are due again.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// After how long a token that Intercom will not take back is erased all the same.
const GIVE_UP_AFTER: TimeDelta = TimeDelta::hours(24);

#[derive(Debug, thiserror::Error)]
enum RevokeError {
    #[error(transparent)]
    Seal(#[from] DoesNotOpen),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for RevokeError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Vault {
    /// Revokes tokens at Intercom until `shutdown`.
    pub(crate) async fn keep_revoking(&self, shutdown: &Shutdown) {
        while !shutdown.is_requested() {
            match self.revoke_next().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(error = %error, "tokens are not revoked for now"),
            }
            tokio::select! {
                () = self.revocation_due.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = shutdown.requested() => {}
            }
        }
    }

    /// Whether one was due. Its row is held meanwhile, so that one process at a time tries.
    async fn revoke_next(&self) -> Result<bool, RevokeError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let Some(due) = revocations::lock_due(&mut tx, now).await? else {
            return Ok(false);
        };
        let home = Home {
            organization: due.organization,
            connection: due.connection,
        };
        let token = self.keyring.open(home, &due.token).await?;
        let host = self.hosts.api(due.region);
        let outcome = match self.direct.uninstall(host, &token).await {
            Ok(()) => "revoked",
            Err(_) if now - due.created_at >= GIVE_UP_AFTER => "revocation abandoned",
            Err(error) => {
                tracing::info!(connection.id = %due.connection, error = %error, "revocation is tried again");
                "revocation failed"
            }
        };
        counter!("harken_vault_revocations_total", "outcome" => outcome).increment(1);
        if outcome == "revocation failed" {
            let wait = patience::between_revocations(due.attempts + 1, rand::random());
            let wait = TimeDelta::from_std(wait).unwrap_or(GIVE_UP_AFTER);
            revocations::postpone(&mut tx, due.connection, now + wait).await?;
        } else {
            revocations::erase(&mut tx, due.connection).await?;
            let known = erasure_requests::get(&mut tx, due.organization, due.connection).await?;
            if known.is_some() {
                let erased = [("vault.pending_revocations", 1)];
                erasure_receipts::count(&mut tx, due.connection, OWN, &erased).await?;
            }
        }
        let deed = Deed {
            actor: "vault",
            action: "secret.opened",
            subject: &due.connection.to_string(),
            detail: outcome,
        };
        audit::append(&mut tx, due.organization, now, deed).await?;
        tx.commit().await?;
        self.erasure_moved.notify_one();
        Ok(true)
    }
}
