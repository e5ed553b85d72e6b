use chrono::{DateTime, TimeDelta, Utc};
use harken_domain::{ConnectionId, Secret};
use sqlx::PgConnection;

use super::Vault;
use super::keyring::Home;
use crate::outbound::postgres::audit::{self, Deed};
use crate::outbound::postgres::webhook_secrets::{self, Route, SealedPair};
use crate::outbound::postgres::{StoreError, connections};
use crate::rules::seal::{DoesNotOpen, Field};

/// How often the audit log learns that a connection's webhook secrets are opened: they are asked for once a minute.
const LOG_EVERY: TimeDelta = TimeDelta::hours(1);

/// A secret that verifies notifications.
#[derive(Clone, Debug)]
pub(crate) struct WebhookKey {
    pub secret: Secret,
    pub is_previous: bool,
    /// None if it does not end.
    pub valid_until: Option<DateTime<Utc>>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum WebhookKeysError {
    #[error(transparent)]
    Seal(#[from] DoesNotOpen),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for WebhookKeysError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Vault {
    /// What verifies notifications that come to the deployment's own app.
    pub(crate) fn webhook_keys_of_deployment(&self) -> Vec<WebhookKey> {
        let key = |secret: &Secret, is_previous| WebhookKey {
            secret: secret.clone(),
            is_previous,
            valid_until: None,
        };
        let Some(oauth) = &self.oauth else {
            return Vec::new();
        };
        let present = key(&oauth.app.client_secret, false);
        let previous = oauth.previous_client_secret.as_ref();
        std::iter::once(present)
            .chain(previous.map(|secret| key(secret, true)))
            .collect()
    }

    /// What verifies notifications that come to an organization's own app, and where they go. None if there is no such
    /// connection, or if it is not connected.
    ///
    /// One query. That the secrets were opened goes into the audit log, but once an hour and not each time.
    pub(crate) async fn webhook_keys(
        &self,
        connection: ConnectionId,
    ) -> Result<Option<(Route, Vec<WebhookKey>)>, WebhookKeysError> {
        let now = self.clock.now();
        let mut postgres = self.store.pool().acquire().await?;
        let found = webhook_secrets::route(&mut postgres, connection).await?;
        let Some((route, pair)) = found else {
            return Ok(None);
        };
        let keys = match pair {
            Some(pair) => {
                self.log_opening(&mut postgres, &route, &pair, now).await?;
                self.open_pair(&route, &pair, now).await?
            }
            None => Vec::new(),
        };
        Ok(Some((route, keys)))
    }

    /// Whose a workspace is; none if it is nobody's, or disconnected.
    pub(crate) async fn route_of_workspace(
        &self,
        workspace_id: &str,
    ) -> Result<Option<Route>, StoreError> {
        let mut postgres = self.store.pool().acquire().await?;
        let connection = connections::of_workspace(&mut postgres, workspace_id).await?;
        Ok(connection.map(|connection| Route {
            connection: connection.id,
            organization: connection.organization,
            workspace_id: connection.workspace.id,
            data_policy: connection.policy.data,
        }))
    }

    async fn open_pair(
        &self,
        route: &Route,
        pair: &SealedPair,
        now: DateTime<Utc>,
    ) -> Result<Vec<WebhookKey>, DoesNotOpen> {
        let home = Home {
            organization: route.organization,
            connection: route.connection,
        };
        let key = self.keyring.unwrap(home, &pair.key).await?;
        let mut keys = vec![WebhookKey {
            secret: key.open(Field::WebhookSecret, &pair.present)?,
            is_previous: false,
            valid_until: None,
        }];
        if let Some((frame, end)) = pair.previous.as_ref().filter(|(_, end)| *end > now) {
            keys.push(WebhookKey {
                secret: key.open(Field::PreviousWebhookSecret, frame)?,
                is_previous: true,
                valid_until: Some(*end),
            });
        }
        Ok(keys)
    }

    async fn log_opening(
        &self,
        postgres: &mut PgConnection,
        route: &Route,
        pair: &SealedPair,
        now: DateTime<Utc>,
    ) -> Result<(), WebhookKeysError> {
        let before = now - LOG_EVERY;
        if pair.opening_logged_at.is_some_and(|at| at > before) {
            return Ok(());
        }
        let mut tx = sqlx::Connection::begin(postgres).await?;
        if webhook_secrets::note_opening(&mut tx, route.connection, now, before).await? {
            let deed = Deed {
                actor: "vault",
                action: "secret.opened",
                subject: &route.connection.to_string(),
                detail: "webhook signatures, at most hourly",
            };
            audit::append(&mut tx, route.organization, now, deed).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
