use harken_domain::{ConnectionId, OrganizationId};
use harken_store::outbox::OutboxError;

use super::{Actor, Vault};
use crate::outbound::events::connection_closed;
use crate::outbound::postgres::audit::{self, Deed};
use crate::outbound::postgres::revocations::{self, Revocation};
use crate::outbound::postgres::{StoreError, connections, sealed_secrets};
use crate::rules::connection::{Connection, Method};

const BY_MEMBER: &str = "disconnected by a member of the organization";

#[derive(Debug, thiserror::Error)]
pub(crate) enum DisconnectError {
    #[error("there is no such connection")]
    NoSuchConnection,
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for DisconnectError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Vault {
    /// Ends a connection because a member wants it.
    pub(crate) async fn disconnect(
        &self,
        organization: OrganizationId,
        id: ConnectionId,
        actor: &Actor,
    ) -> Result<Connection, DisconnectError> {
        self.end(organization, id, BY_MEMBER, actor).await
    }

    /// Ends a connection: forgets its secrets, tells every service, and has the token revoked. Where its policy says so,
    /// everything of it is erased. Ended twice, it is ended.
    pub(super) async fn end(
        &self,
        organization: OrganizationId,
        id: ConnectionId,
        reason: &str,
        actor: &Actor,
    ) -> Result<Connection, DisconnectError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let connection = connections::lock(&mut tx, organization, id).await?;
        let connection = connection.ok_or(DisconnectError::NoSuchConnection)?;
        if !connection.is_connected() {
            // One that broke still has the webhook secret of its app.
            sealed_secrets::end(&mut tx, organization, id, connection.policy).await?;
            tx.commit().await?;
            return Ok(connection);
        }
        let closed = connection.disconnect(reason, now);
        connections::put(&mut tx, &closed).await?;
        let token = sealed_secrets::token(&mut tx, organization, id).await?;
        // A pasted token belongs to the customer's own app, which we do not uninstall.
        if let Some(token) = token.filter(|_| closed.method == Method::OAuth) {
            let revocation = Revocation {
                connection: id,
                organization,
                region: closed.workspace.region,
                token,
                attempts: 0,
                created_at: now,
            };
            revocations::insert(&mut tx, &revocation).await?;
        }
        if closed.is_erasing() {
            self.begin_erasure(&mut tx, &closed, now).await?;
        } else {
            sealed_secrets::end(&mut tx, organization, id, closed.policy).await?;
        }
        let then = closed.policy.on_disconnect;
        connection_closed::post(&mut tx, &closed, then, reason, now).await?;
        let deed = Deed {
            actor: &actor.0,
            action: "connection.closed",
            subject: &id.to_string(),
            detail: then.as_str(),
        };
        audit::append(&mut tx, organization, now, deed).await?;
        tx.commit().await?;
        self.close_lines(id, closed.revision);
        self.revocation_due.notify_one();
        Ok(closed)
    }
}
