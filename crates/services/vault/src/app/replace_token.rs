use harken_domain::{ConnectionId, OrganizationId, Secret};
use harken_store::outbox::OutboxError;

use super::keyring::Home;
use super::{Actor, OpenError, ProveError, Vault};
use crate::outbound::events::connection_opened;
use crate::outbound::postgres::audit::{self, Deed};
use crate::outbound::postgres::connections::{self, BY_WORKSPACE};
use crate::outbound::postgres::{StoreError, sealed_secrets};
use crate::rules::connection::{CannotReplace, Connection, WorkspaceDiffers};
use crate::rules::seal::Field;

#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplaceError {
    #[error("there is no such connection")]
    NoSuchConnection,
    #[error(transparent)]
    Refused(#[from] CannotReplace),
    #[error(transparent)]
    Differs(#[from] WorkspaceDiffers),
    #[error(transparent)]
    Prove(#[from] ProveError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for ReplaceError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Vault {
    /// Replaces the access token of a connection by one that proved every permission on the same workspace. One whose token
    /// died is opened again by it, and goes on where it was.
    pub(crate) async fn replace_token(
        &self,
        organization: OrganizationId,
        id: ConnectionId,
        token: Secret,
        actor: &Actor,
    ) -> Result<Connection, ReplaceError> {
        let known = self.connection(organization, id).await?;
        let known = known.ok_or(ReplaceError::NoSuchConnection)?;
        let held = known.workspace.clone();
        // Intercom is not asked where the answer would not matter.
        known.replace_token(held, self.clock.now())?;
        let line = self.line_of(token);
        let workspace = self.proved(&line).await?;
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let known = connections::lock(&mut tx, organization, id).await?;
        let known = known.ok_or(ReplaceError::NoSuchConnection)?;
        known.require(&workspace)?;
        let replaced = known.replace_token(workspace, now)?;
        let put = connections::put(&mut tx, &replaced).await;
        put.map_err(|error| {
            if error.is_taken(BY_WORKSPACE) {
                let workspace = replaced.workspace.id.clone();
                ReplaceError::Open(OpenError::OfAnotherOrganization { workspace })
            } else {
                error.into()
            }
        })?;
        let home = Home {
            organization,
            connection: id,
        };
        let key = self.data_key(&mut tx, home).await?;
        let frame = key
            .seal(Field::AccessToken, line.token())
            .map_err(OpenError::from)?;
        sealed_secrets::put(&mut tx, id, Field::AccessToken, &frame).await?;
        connection_opened::post(&mut tx, &replaced).await?;
        let deed = Deed {
            actor: &actor.0,
            action: "connection.token_replaced",
            subject: &id.to_string(),
            detail: "the token before it is forgotten",
        };
        audit::append(&mut tx, organization, now, deed).await?;
        tx.commit().await?;
        self.close_lines(id, replaced.revision);
        self.acquaint(id, &line);
        Ok(replaced)
    }
}
