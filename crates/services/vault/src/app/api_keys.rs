use chrono::TimeDelta;
use harken_domain::{ApiKeyId, OrganizationId, Role, Secret};

use super::{Actor, Vault};
use crate::outbound::postgres::StoreError;
use crate::outbound::postgres::api_keys::{self, ApiKey};
use crate::outbound::postgres::audit::{self, Deed};
use crate::rules::opaque;

/// How exactly it is known when a key was last used.
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);

#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    #[error("there is no such API key")]
    NoSuchKey,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for KeyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Vault {
    /// Makes a key. Its secret leaves here and is not kept.
    pub(crate) async fn create_api_key(
        &self,
        organization: OrganizationId,
        name: String,
        role: Role,
        actor: &Actor,
    ) -> Result<(ApiKey, Secret), KeyError> {
        let (now, secret) = (self.clock.now(), opaque::generate_api_key());
        let key = ApiKey {
            id: ApiKeyId::generate(&self.clock),
            organization,
            name,
            prefix: opaque::api_key_prefix(&secret),
            role,
            created_at: now,
            last_used_at: None,
            revoked_at: None,
        };
        let hash = opaque::hash(secret.expose()).ok_or(KeyError::NoSuchKey)?;
        let mut tx = self.store.begin().await?;
        api_keys::insert(&mut tx, &key, &hash).await?;
        let deed = Deed {
            actor: &actor.0,
            action: "api_key.created",
            subject: &key.id.to_string(),
            detail: role.as_str(),
        };
        audit::append(&mut tx, organization, now, deed).await?;
        tx.commit().await?;
        Ok((key, secret))
    }

    pub(crate) async fn api_keys(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<ApiKey>, StoreError> {
        let mut postgres = self.store.pool().acquire().await?;
        api_keys::list(&mut postgres, organization).await
    }

    pub(crate) async fn revoke_api_key(
        &self,
        organization: OrganizationId,
        id: ApiKeyId,
        actor: &Actor,
    ) -> Result<ApiKey, KeyError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let key = api_keys::revoke(&mut tx, organization, id, now).await?;
        let key = key.ok_or(KeyError::NoSuchKey)?;
        let deed = Deed {
            actor: &actor.0,
            action: "api_key.revoked",
            subject: &id.to_string(),
            detail: "",
        };
        audit::append(&mut tx, organization, now, deed).await?;
        tx.commit().await?;
        Ok(key)
    }

    /// Whose key it is; noted as used, to the minute.
    pub(crate) async fn verify_api_key(&self, secret: &str) -> Result<ApiKey, KeyError> {
        let hash = opaque::hash(secret).ok_or(KeyError::NoSuchKey)?;
        let now = self.clock.now();
        let mut postgres = self.store.pool().acquire().await?;
        let key = api_keys::verify(&mut postgres, &hash)
            .await?
            .ok_or(KeyError::NoSuchKey)?;
        let before = now - TOUCH_EVERY;
        if key.last_used_at.is_none_or(|used| used <= before) {
            api_keys::touch(&mut postgres, key.id, now, before).await?;
        }
        Ok(key)
    }
}
