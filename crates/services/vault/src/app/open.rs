use harken_domain::{ConnectionId, OrganizationId};
use harken_store::outbox::OutboxError;
use sqlx::PgConnection;

use super::keyring::{DataKey, Home};
use super::{Actor, Vault};
use crate::outbound::events::connection_opened;
use crate::outbound::intercom::Line;
use crate::outbound::postgres::audit::{self, Deed};
use crate::outbound::postgres::connections::{self, BY_WORKSPACE, OF_ORGANIZATION};
use crate::outbound::postgres::{StoreError, revocations, sealed_secrets};
use crate::rules::connection::{CannotOpen, Connection, Grant, Method, WorkspaceDiffers};
use crate::rules::seal::{DoesNotOpen, Field};

#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("there is no such connection")]
    NoSuchConnection,
    #[error(transparent)]
    Differs(#[from] WorkspaceDiffers),
    #[error("workspace {workspace}: {cause}")]
    Refused {
        workspace: String,
        cause: CannotOpen,
    },
    #[error("workspace {workspace} is connected to another organization of this deployment")]
    OfAnotherOrganization { workspace: String },
    #[error(transparent)]
    Seal(#[from] DoesNotOpen),
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Vault {
    /// Opens a connection to the workspace whose token `line` proved, or opens the one that was there again; only that one where
    /// `reconnects` names it.
    ///
    /// A refused token is dropped and not revoked: at Intercom that would uninstall the app under the connection that
    /// stands.
    pub(super) async fn open(
        &self,
        organization: OrganizationId,
        grant: Grant,
        reconnects: Option<ConnectionId>,
        line: &Line,
        actor: &Actor,
    ) -> Result<Connection, OpenError> {
        let (now, workspace) = (self.clock.now(), grant.workspace.id.clone());
        let refused = |cause| OpenError::Refused {
            workspace: workspace.clone(),
            cause,
        };
        let mut tx = self.store.begin().await?;
        let known = match reconnects {
            None => connections::lock_by_workspace(&mut tx, organization, &workspace).await?,
            Some(id) => {
                let named = connections::lock(&mut tx, organization, id).await?;
                let named = named.ok_or(OpenError::NoSuchConnection)?;
                named.require(&grant.workspace)?;
                Some(named)
            }
        };
        let opened = if let Some(closed) = known {
            closed.reopen(grant, now).map_err(refused)?
        } else {
            let id = ConnectionId::generate(&self.clock);
            Connection::first(id, organization, grant, now)
        };
        let put = connections::put(&mut tx, &opened).await;
        put.map_err(|error| {
            if error.is_taken(BY_WORKSPACE) {
                OpenError::OfAnotherOrganization {
                    workspace: workspace.clone(),
                }
            } else if error.is_taken(OF_ORGANIZATION) {
                refused(CannotOpen::AlreadyConnected)
            } else {
                error.into()
            }
        })?;
        let home = Home {
            organization,
            connection: opened.id,
        };
        let frame = self
            .data_key(&mut tx, home)
            .await?
            .seal(Field::AccessToken, line.token())?;
        sealed_secrets::put(&mut tx, opened.id, Field::AccessToken, &frame).await?;
        if opened.method == Method::OAuth {
            // Revoking what was granted before would uninstall the app that was just installed again.
            revocations::erase(&mut tx, opened.id).await?;
        }
        connection_opened::post(&mut tx, &opened).await?;
        let deed = Deed {
            actor: &actor.0,
            action: "connection.opened",
            subject: &opened.id.to_string(),
            detail: opened.method.as_str(),
        };
        audit::append(&mut tx, organization, now, deed).await?;
        tx.commit().await?;
        self.close_lines(opened.id, opened.revision);
        self.acquaint(opened.id, line);
        Ok(opened)
    }

    /// The connection's data key, under which its own app's webhook secret may be sealed; a new one if there is none that
    /// opens.
    pub(super) async fn data_key(
        &self,
        tx: &mut PgConnection,
        home: Home,
    ) -> Result<DataKey, OpenError> {
        let kept = sealed_secrets::key(tx, home.organization, home.connection).await?;
        if let Some(kept) = kept {
            if let Ok(key) = self.keyring.unwrap(home, &kept).await {
                return Ok(key);
            }
            sealed_secrets::erase(tx, home.organization, home.connection).await?;
        }
        let (key, wrapped) = self.keyring.make(home).await?;
        sealed_secrets::put_key(tx, home.organization, home.connection, &wrapped).await?;
        Ok(key)
    }
}
