use chrono::TimeDelta;
use harken_domain::{ConnectionId, DataPolicy, OrganizationId};
use zeroize::Zeroizing;

use super::Vault;
use super::keyring::Home;
use crate::outbound::postgres::audit::{self, Deed};
use crate::outbound::postgres::{StoreError, connections, sealed_secrets};
use crate::rules::seal::DoesNotOpen;

/// How often the audit log learns that a connection's key of pseudonyms is told: it is asked for once a minute.
const LOG_EVERY: TimeDelta = TimeDelta::hours(1);

#[derive(Debug, thiserror::Error)]
pub(crate) enum PseudonymKeyError {
    #[error(transparent)]
    Seal(#[from] DoesNotOpen),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for PseudonymKeyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Vault {
    /// The key that makes pseudonyms of the people of a connection. None where content is kept, and once the data key that it
    /// follows from is destroyed. That it was told goes into the audit log, but once an hour and not each time.
    pub(crate) async fn pseudonym_key(
        &self,
        organization: OrganizationId,
        connection: ConnectionId,
    ) -> Result<Option<Zeroizing<[u8; 32]>>, PseudonymKeyError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let known = connections::get(&mut tx, organization, connection).await?;
        if known.is_none_or(|known| known.policy.data != DataPolicy::MetadataOnly) {
            return Ok(None);
        }
        let Some(wrapped) = sealed_secrets::key(&mut tx, organization, connection).await? else {
            return Ok(None);
        };
        let home = Home {
            organization,
            connection,
        };
        let key = self.keyring.unwrap(home, &wrapped).await?.of_pseudonyms();
        let before = now - LOG_EVERY;
        if sealed_secrets::note_pseudonyms(&mut tx, connection, now, before).await? {
            let deed = Deed {
                actor: "vault",
                action: "secret.opened",
                subject: &connection.to_string(),
                detail: "key of pseudonyms, at most hourly",
            };
            audit::append(&mut tx, organization, now, deed).await?;
        }
        tx.commit().await?;
        Ok(Some(key))
    }
}
