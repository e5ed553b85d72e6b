use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, OrganizationId, Secret};
use sqlx::PgConnection;

use super::keyring::{DataKey, Home};
use super::{Actor, Vault};
use crate::outbound::postgres::audit::{self, Deed};
use crate::outbound::postgres::webhook_secrets::{self, Standing};
use crate::outbound::postgres::{StoreError, connections, sealed_secrets};
use crate::rules::connection::Connection;
use crate::rules::seal::{DoesNotOpen, Field};
use crate::rules::webhook_secret::Grace;

#[derive(Debug, thiserror::Error)]
pub(crate) enum WebhookSecretError {
    #[error("there is no such connection")]
    NoSuchConnection,
    #[error("the connection is not connected: {reason}")]
    Disconnected { reason: String },
    /// Somebody copied the line above it.
    #[error("is an id; copy the client secret from Basic information in Intercom's Developer Hub")]
    IsAnId,
    #[error(transparent)]
    Seal(#[from] DoesNotOpen),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for WebhookSecretError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Vault {
    /// How the webhook secret of a connection stands; none if none is set.
    pub(crate) async fn webhook_secret(
        &self,
        organization: OrganizationId,
        id: ConnectionId,
    ) -> Result<Option<Standing>, WebhookSecretError> {
        let mut tx = self.store.begin().await?;
        let known = connections::get(&mut tx, organization, id).await?;
        known.ok_or(WebhookSecretError::NoSuchConnection)?;
        let standing = webhook_secrets::standing(&mut tx, id).await?;
        Ok(standing.map(|standing| as_of(self.clock.now(), standing)))
    }

    /// Sets the webhook secret of an organization's own app. The one before it counts until its grace ends; one before that
    /// does not count any more. The same secret again changes nothing.
    pub(crate) async fn set_webhook_secret(
        &self,
        organization: OrganizationId,
        id: ConnectionId,
        secret: &Secret,
        grace: Grace,
        actor: &Actor,
    ) -> Result<Standing, WebhookSecretError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let connection = connections::lock(&mut tx, organization, id).await?;
        let connection = connection.ok_or(WebhookSecretError::NoSuchConnection)?;
        if self.is_an_id(secret, &connection) {
            return Err(WebhookSecretError::IsAnId);
        }
        if let Some(end) = connection.end() {
            let reason = end.reason.clone();
            return Err(WebhookSecretError::Disconnected { reason });
        }
        let key = self.standing_key(&mut tx, organization, id).await?;
        let before = webhook_secrets::standing(&mut tx, id).await?;
        let present = match webhook_secrets::present(&mut tx, id).await? {
            Some(frame) => Some(key.open(Field::WebhookSecret, &frame)?),
            None => None,
        };
        let (action, detail, standing) = match (before, present) {
            (Some(standing), Some(present)) if present.expose() == secret.expose() => {
                let detail = "webhook secret compared".to_owned();
                ("secret.opened", detail, standing)
            }
            (_, present) => {
                let replaced = present.zip(grace.end(now));
                let standing = Standing {
                    set_at: now,
                    previous_valid_until: replaced.as_ref().map(|(_, end)| *end),
                };
                webhook_secrets::put(&mut tx, id, standing).await?;
                let previous = replaced.as_ref().map(|(secret, _)| secret);
                keep(&mut tx, &key, id, secret, previous).await?;
                let detail = match previous {
                    Some(_) => format!("replaced, with {} seconds of grace", grace.as_secs()),
                    None => "without grace".to_owned(),
                };
                ("webhook_secret.set", detail, standing)
            }
        };
        let deed = Deed {
            actor: &actor.0,
            action,
            subject: &id.to_string(),
            detail: &detail,
        };
        audit::append(&mut tx, organization, now, deed).await?;
        tx.commit().await?;
        Ok(as_of(now, standing))
    }

    /// Forgets the secret that was replaced, before its grace ends.
    pub(crate) async fn retire_webhook_secret(
        &self,
        organization: OrganizationId,
        id: ConnectionId,
        actor: &Actor,
    ) -> Result<Option<Standing>, WebhookSecretError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let known = connections::lock(&mut tx, organization, id).await?;
        known.ok_or(WebhookSecretError::NoSuchConnection)?;
        let standing = webhook_secrets::standing(&mut tx, id).await?;
        let Some(before) = standing.filter(|it| it.previous_valid_until.is_some()) else {
            return Ok(standing);
        };
        let standing = Standing {
            previous_valid_until: None,
            ..before
        };
        webhook_secrets::put(&mut tx, id, standing).await?;
        sealed_secrets::forget(&mut tx, id, Field::PreviousWebhookSecret).await?;
        let deed = Deed {
            actor: &actor.0,
            action: "webhook_secret.retired",
            subject: &id.to_string(),
            detail: "",
        };
        audit::append(&mut tx, organization, now, deed).await?;
        tx.commit().await?;
        Ok(Some(standing))
    }

    /// The data key that a connected connection has.
    async fn standing_key(
        &self,
        tx: &mut PgConnection,
        organization: OrganizationId,
        connection: ConnectionId,
    ) -> Result<DataKey, WebhookSecretError> {
        let keyless = StoreError::Inconsistent {
            table: "data_keys",
            column: "connection_id",
        };
        let wrapped = sealed_secrets::key(tx, organization, connection).await?;
        let home = Home {
            organization,
            connection,
        };
        Ok(self.keyring.unwrap(home, &wrapped.ok_or(keyless)?).await?)
    }

    fn is_an_id(&self, secret: &Secret, connection: &Connection) -> bool {
        let client_id = self
            .oauth
            .as_ref()
            .map(|oauth| oauth.app.client_id.as_str());
        let secret = secret.expose();
        secret == connection.id.to_string()
            || secret == connection.organization.to_string()
            || secret == connection.workspace.id
            || Some(secret) == client_id
    }
}

/// Keeps `present`, and `previous` if it still counts.
async fn keep(
    tx: &mut PgConnection,
    key: &DataKey,
    id: ConnectionId,
    present: &Secret,
    previous: Option<&Secret>,
) -> Result<(), WebhookSecretError> {
    let frame = key.seal(Field::WebhookSecret, present)?;
    sealed_secrets::put(tx, id, Field::WebhookSecret, &frame).await?;
    match previous {
        Some(previous) => {
            let frame = key.seal(Field::PreviousWebhookSecret, previous)?;
            sealed_secrets::put(tx, id, Field::PreviousWebhookSecret, &frame).await?;
        }
        None => sealed_secrets::forget(tx, id, Field::PreviousWebhookSecret).await?,
    }
    Ok(())
}

/// The same without a grace that has ended.
fn as_of(now: DateTime<Utc>, standing: Standing) -> Standing {
    Standing {
        previous_valid_until: standing.previous_valid_until.filter(|end| *end > now),
        ..standing
    }
}
