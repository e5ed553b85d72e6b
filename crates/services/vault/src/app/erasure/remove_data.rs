use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, OnDisconnect, OrganizationId};
use harken_store::outbox::OutboxError;
use sqlx::PgConnection;

use super::super::{Actor, Vault};
use crate::outbound::events::connection_closed;
use crate::outbound::postgres::audit::{self, Deed};
use crate::outbound::postgres::erasure_requests::{self, ErasureRequest};
use crate::outbound::postgres::{StoreError, connections, erasure_receipts, sealed_secrets};
use crate::rules::connection::{CannotErase, Connection};
use crate::rules::erasure::OWN;

#[derive(Debug, thiserror::Error)]
pub(crate) enum RemoveDataError {
    #[error("there is no such connection")]
    NoSuchConnection,
    #[error(transparent)]
    Refused(#[from] CannotErase),
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for RemoveDataError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Vault {
    /// Has everything erased that is kept of a disconnected connection, if the name of its workspace was typed as it is.
    /// Asked again, it is asked once.
    pub(crate) async fn remove_data(
        &self,
        organization: OrganizationId,
        id: ConnectionId,
        typed_name: &str,
        actor: &Actor,
    ) -> Result<Connection, RemoveDataError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let known = connections::lock(&mut tx, organization, id).await?;
        let known = known.ok_or(RemoveDataError::NoSuchConnection)?;
        let before = known.revision;
        let erasing = known.erase(typed_name)?;
        if erasing.revision == before {
            return Ok(erasing);
        }
        connections::put(&mut tx, &erasing).await?;
        self.begin_erasure(&mut tx, &erasing, now).await?;
        let reason = erasing.end().map_or("", |end| end.reason.as_str());
        connection_closed::post(&mut tx, &erasing, OnDisconnect::Purge, reason, now).await?;
        let deed = Deed {
            actor: &actor.0,
            action: "connection.data_removed",
            subject: &id.to_string(),
            detail: "every service was asked to erase",
        };
        audit::append(&mut tx, organization, now, deed).await?;
        tx.commit().await?;
        self.erasure_moved.notify_one();
        Ok(erasing)
    }

    /// Takes down that every service is asked to erase, and destroys the connection's data key.
    pub(in crate::app) async fn begin_erasure(
        &self,
        tx: &mut PgConnection,
        closed: &Connection,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let request = ErasureRequest {
            connection: closed.id,
            organization: closed.organization,
            revision: closed.revision,
            requested_at: now,
            completed_at: None,
            overdue_told_at: None,
        };
        erasure_requests::insert(tx, &request).await?;
        let destroyed = sealed_secrets::destroy(tx, closed.organization, closed.id).await?;
        erasure_receipts::count(tx, closed.id, OWN, &destroyed).await
    }
}
