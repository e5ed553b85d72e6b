use harken_domain::{ApiKeyId, MemberId, OrganizationId};

use super::Vault;
use crate::outbound::postgres::audit::{self, Deed};
use crate::outbound::postgres::{StoreError, api_keys, members};

/// Who did something, as another service says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Doer {
    Member(MemberId),
    ApiKey(ApiKeyId),
    /// By name.
    Service(String),
}

/// A deed of another service's.
#[derive(Debug)]
pub(crate) struct ForeignDeed {
    pub doer: Doer,
    pub action: String,
    pub subject: String,
    pub detail: String,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("must be a member or an API key of the organization, or a service")]
    NoSuchDoer,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for RecordError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Vault {
    /// Writes what another service is about to do for somebody into the organization's audit log.
    pub(crate) async fn record_audit(
        &self,
        organization: OrganizationId,
        deed: &ForeignDeed,
    ) -> Result<(), RecordError> {
        let mut tx = self.store.begin().await?;
        let actor = match &deed.doer {
            Doer::Member(id) => members::get(&mut tx, organization, *id)
                .await?
                .map(|_| id.to_string()),
            Doer::ApiKey(id) => api_keys::name(&mut tx, organization, *id)
                .await?
                .map(|_| id.to_string()),
            Doer::Service(name) => Some(name.clone()),
        };
        let deed = Deed {
            actor: &actor.ok_or(RecordError::NoSuchDoer)?,
            action: &deed.action,
            subject: &deed.subject,
            detail: &deed.detail,
        };
        audit::append(&mut tx, organization, self.clock.now(), deed).await?;
        tx.commit().await?;
        Ok(())
    }
}
