use std::sync::atomic::Ordering;
use std::time::Duration;

use harken_domain::{ConnectionId, OnDisconnect, OrganizationId, Revision};
use harken_intercom::{Method, Request, Workspace};
use harken_store::outbox::OutboxError;
use tokio::time::Instant;

use super::lines::OpenLine;
use super::{LineError, Vault};
use crate::outbound::events::connection_closed;
use crate::outbound::intercom::{Reply, SendError};
use crate::outbound::postgres::audit::{self, Deed};
use crate::outbound::postgres::{StoreError, connections, sealed_secrets};
use crate::rules::seal::Field;
use crate::rules::verdict::doubts_token;

/// For how long a token that proved alive is not asked again, when many calls are refused at once.
const ALIVE_FOR: Duration = Duration::from_secs(5);

/// How a token died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Death {
    /// Intercom refused it when it was used.
    Refused,
    /// Intercom said that the app was uninstalled, and refuses the token.
    Uninstalled,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error(transparent)]
    Line(#[from] LineError),
    #[error("{0}")]
    Broken(&'static str),
    #[error(transparent)]
    Send(#[from] SendError),
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Death {
    /// In words for members.
    const fn reason(self) -> &'static str {
        match self {
            Self::Refused => {
                "Intercom refuses the access token: the app was uninstalled, or the token revoked or replaced; connect again"
            }
            Self::Uninstalled => "the app was uninstalled in Intercom; connect again to install it",
        }
    }

    /// For the audit log.
    const fn detail(self) -> &'static str {
        match self {
            Self::Refused => "401 on /me",
            Self::Uninstalled => "uninstalled; 401 on /me",
        }
    }
}

impl From<sqlx::Error> for CallError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Vault {
    /// Calls Intercom for a connection. `purpose` stands in the audit log when the token is opened for it.
    pub(crate) async fn call(
        &self,
        organization: OrganizationId,
        connection: ConnectionId,
        request: &Request,
    ) -> Result<Reply, CallError> {
        let line = self.line(organization, connection, "call").await?;
        if line.is_dead() {
            return Err(CallError::Broken(Death::Refused.reason()));
        }
        let reply = line.line.send(request).await?;
        if reply.status != 401 {
            return Ok(reply);
        }
        let (reply, body) = reply.fetched().await?;
        if !doubts_token(&body) || self.token_lives(&line).await? {
            return Ok(reply);
        }
        Err(self.mark_broken(&line, Death::Refused).await)
    }

    /// Asks Intercom whose token it is: only an answer to that tells a dead token from a missing permission.
    async fn token_lives(&self, line: &OpenLine) -> Result<bool, CallError> {
        let mut alive_at = line.alive_at.lock().await;
        if line.is_dead() {
            return Ok(false);
        }
        if alive_at.is_some_and(|at| at.elapsed() < ALIVE_FOR) {
            return Ok(true);
        }
        let answer = line.line.ask(Method::Get, Workspace::PATH, None).await?;
        if answer.status == 401 {
            line.dead.store(true, Ordering::Relaxed);
            return Ok(false);
        }
        *alive_at = Some(Instant::now());
        Ok(true)
    }

    /// Closes a connection whose token is dead; answers what its callers are told.
    pub(super) async fn mark_broken(&self, line: &OpenLine, death: Death) -> CallError {
        line.dead.store(true, Ordering::Relaxed);
        let closed = self.close_broken(line, death).await;
        self.close_lines(line.connection, Revision(line.revision.0 + 1));
        match closed {
            Ok(()) => CallError::Broken(death.reason()),
            Err(error) => error,
        }
    }

    async fn close_broken(&self, line: &OpenLine, death: Death) -> Result<(), CallError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let known = connections::lock(&mut tx, line.organization, line.connection).await?;
        // Another token since then: its death is not proved.
        let Some(connection) = known.filter(|known| known.revision == line.revision) else {
            return Ok(());
        };
        let closed = connection.close(death.reason());
        connections::put(&mut tx, &closed).await?;
        // The own app's webhook secret did not die with the token, and is there when the workspace comes back.
        sealed_secrets::forget(&mut tx, line.connection, Field::AccessToken).await?;
        sealed_secrets::forget_idle_key(&mut tx, line.organization, line.connection).await?;
        // Nobody asked for an end: what was mirrored stays until somebody does.
        let then = OnDisconnect::Retain;
        connection_closed::post(&mut tx, &closed, then, death.reason(), now).await?;
        let deed = Deed {
            actor: "vault",
            action: "connection.broken",
            subject: &line.connection.to_string(),
            detail: death.detail(),
        };
        audit::append(&mut tx, line.organization, now, deed).await?;
        tx.commit().await?;
        tracing::warn!(connection.id = %line.connection, "Intercom refuses the token; connection closed");
        Ok(())
    }
}
