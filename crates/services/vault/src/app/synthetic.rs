use chrono::TimeDelta;
use harken_domain::{ConnectionId, DataPolicy, OnDisconnect, OrganizationId, Secret};
use harken_intercom::{Region, Workspace};
use harken_store::outbox::OutboxError;

use super::keyring::Home;
use super::{Actor, Connector, DisconnectError, Vault};
use crate::outbound::events::connection_opened;
use crate::outbound::postgres::audit::{self, Deed};
use crate::outbound::postgres::webhook_secrets::{self, Standing};
use crate::outbound::postgres::{StoreError, connections, sealed_secrets, synthetic_connections};
use crate::rules::connection::{Connection, Grant, Method, PolicyWish};
use crate::rules::opaque;
use crate::rules::seal::{DoesNotOpen, Field};

/// Most that an organization has open at once.
const MOST_OPEN: i64 = 5;
/// After how long one that nobody closed is closed.
const LIVES: TimeDelta = TimeDelta::days(1);
const OUTLIVED: &str = "drills end after a day";

#[derive(Debug, thiserror::Error)]
pub(crate) enum SyntheticError {
    #[error("there is no such member")]
    NoSuchMember,
    #[error("{MOST_OPEN} connections for drills are open already; disconnect one of them first")]
    TooMany,
    #[error(transparent)]
    Seal(#[from] DoesNotOpen),
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for SyntheticError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Vault {
    /// Opens a connection without a workspace behind it. The secret that signs its notifications leaves here.
    pub(crate) async fn open_synthetic(
        &self,
        organization: OrganizationId,
        label: String,
        connector: Connector,
        actor: &Actor,
    ) -> Result<(Connection, Secret), SyntheticError> {
        let (now, secret) = (self.clock.now(), opaque::generate());
        let by = self.name_of_connector(organization, connector).await?;
        let grant = Grant {
            workspace: made_up_workspace(label),
            method: Method::Synthetic,
            wish: PolicyWish {
                data: Some(DataPolicy::Full),
                on_disconnect: Some(OnDisconnect::Purge),
            },
            by: by.ok_or(SyntheticError::NoSuchMember)?,
        };
        let id = ConnectionId::generate(&self.clock);
        let opened = Connection::first(id, organization, grant, now);
        let mut tx = self.store.begin().await?;
        if synthetic_connections::lock_count(&mut tx, organization).await? >= MOST_OPEN {
            return Err(SyntheticError::TooMany);
        }
        connections::put(&mut tx, &opened).await?;
        let home = Home {
            organization,
            connection: id,
        };
        let (key, wrapped) = self.keyring.make(home).await?;
        let frame = key.seal(Field::WebhookSecret, &secret)?;
        let standing = Standing {
            set_at: now,
            previous_valid_until: None,
        };
        sealed_secrets::put_key(&mut tx, organization, id, &wrapped).await?;
        webhook_secrets::put(&mut tx, id, standing).await?;
        sealed_secrets::put(&mut tx, id, Field::WebhookSecret, &frame).await?;
        connection_opened::post(&mut tx, &opened).await?;
        let deed = Deed {
            actor: &actor.0,
            action: "connection.opened",
            subject: &id.to_string(),
            detail: opened.method.as_str(),
        };
        audit::append(&mut tx, organization, now, deed).await?;
        tx.commit().await?;
        Ok((opened, secret))
    }

    /// Closes those that outlived their drill, and forgets those that were closed.
    pub(super) async fn end_drills(&self) -> Result<(), DisconnectError> {
        let before = self.clock.now() - LIVES;
        let mut postgres = self.store.pool().acquire().await?;
        let outlived = synthetic_connections::outlived(&mut postgres, before).await?;
        synthetic_connections::forget_closed(&mut postgres, before - LIVES).await?;
        drop(postgres);
        let actor = Actor("vault".to_owned());
        for (organization, id) in outlived {
            self.end(organization, id, OUTLIVED, &actor).await?;
        }
        Ok(())
    }
}

fn made_up_workspace(label: String) -> Workspace {
    let mut chance = [0; 6];
    rand::fill(&mut chance);
    Workspace {
        id: format!("drill-{}", hex::encode(chance)),
        name: label,
        region: Region::Us,
        timezone: "UTC".to_owned(),
    }
}
