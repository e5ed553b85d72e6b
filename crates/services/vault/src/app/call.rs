use std::sync::Arc;
use std::time::Duration;

use harken_domain::{ConnectionId, OnDisconnect, OrganizationId, Revision};
use harken_intercom::{Method, Request, Workspace};
use harken_store::outbox::OutboxError;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::lines::OpenLine;
use super::{LineError, Vault};
use crate::outbound::events::connection_closed;
use crate::outbound::intercom::{Reply, SendError};
use crate::outbound::postgres::audit::{self, Deed};
use crate::outbound::postgres::{StoreError, connections, sealed_secrets};
use crate::rules::death::{Death, Evidence};
use crate::rules::seal::Field;
use crate::rules::verdict::doubts_token;

/// For how long a token that proved alive is not asked again, when many calls are refused at once.
const ALIVE_FOR: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error(transparent)]
    Line(#[from] LineError),
    #[error("{0}")]
    Broken(String),
    #[error(transparent)]
    Send(#[from] SendError),
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for CallError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Vault {
    /// Calls Intercom for a connection. `purpose` stands in the audit log when the token is opened for it.
    pub(crate) async fn call(
        self: &Arc<Self>,
        organization: OrganizationId,
        connection: ConnectionId,
        request: &Request,
    ) -> Result<Reply, CallError> {
        let line = self.line(organization, connection, "call").await?;
        if line.death.get().is_some() {
            // Whoever found it dead may have gone away before that was written down.
            self.bury_if_dead(Arc::clone(&line)).await?;
        }
        let reply = line.line.send(request).await?;
        if reply.status != 401 {
            return Ok(reply);
        }
        let (reply, body) = reply.fetched().await?;
        if !doubts_token(&body) {
            return Ok(reply);
        }
        self.bury_if_dead(line).await?;
        Ok(reply)
    }

    /// Errs if a token that was refused proves dead, and closes its connection. Both are done to their end, whoever
    /// goes away meanwhile: a run that fails takes all its calls with it.
    async fn bury_if_dead(self: &Arc<Self>, line: Arc<OpenLine>) -> Result<(), CallError> {
        let vault = Arc::clone(self);
        let judged = async move {
            match vault.death_of(&line).await? {
                Some(death) => Err(vault.mark_broken(&line, death).await),
                None => Ok(()),
            }
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "it ends with the token's judgement, whoever waits"
        )]
        let judged = tokio::spawn(judged.in_current_span());
        judged
            .await
            .map_err(|_| StoreError::from(sqlx::Error::WorkerCrashed))?
    }

    /// Asks Intercom whose token it is: only an answer to that tells a dead token from a missing permission. None if it
    /// lives.
    async fn death_of(&self, line: &OpenLine) -> Result<Option<Death>, CallError> {
        let mut alive_at = line.alive_at.lock().await;
        if let Some(death) = line.death.get() {
            return Ok(Some(death.clone()));
        }
        if alive_at.is_some_and(|at| at.elapsed() < ALIVE_FOR) {
            return Ok(None);
        }
        let answer = line.line.ask(Method::Get, Workspace::PATH, None).await?;
        if answer.status == 401 {
            let request_id = answer.request_id.as_deref();
            let evidence = Evidence::of(self.clock.now(), &answer.body, request_id);
            let death = line.death.get_or_init(|| Death::Refused(evidence));
            return Ok(Some(death.clone()));
        }
        *alive_at = Some(Instant::now());
        Ok(None)
    }

    /// Closes a connection whose token is dead; answers what its callers are told.
    pub(super) async fn mark_broken(&self, line: &OpenLine, death: Death) -> CallError {
        let death = line.death.get_or_init(|| death);
        let closed = self.close_broken(line, death).await;
        self.close_lines(line.connection, Revision(line.revision.0 + 1));
        match closed {
            Ok(()) => CallError::Broken(death.reason()),
            Err(error) => error,
        }
    }

    async fn close_broken(&self, line: &OpenLine, death: &Death) -> Result<(), CallError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let known = connections::lock(&mut tx, line.organization, line.connection).await?;
        // Another token since then: its death is not proved.
        let Some(connection) = known.filter(|known| known.revision == line.revision) else {
            return Ok(());
        };
        let reason = death.reason();
        let closed = connection.close(&reason, now);
        connections::put(&mut tx, &closed).await?;
        // The own app's webhook secret did not die with the token, and is there when the workspace comes back.
        sealed_secrets::forget(&mut tx, line.connection, Field::AccessToken).await?;
        let (organization, id) = (line.organization, line.connection);
        sealed_secrets::forget_idle_key(&mut tx, organization, id, closed.policy).await?;
        // Nobody asked for an end: what was mirrored stays until somebody does.
        let then = OnDisconnect::Retain;
        connection_closed::post(&mut tx, &closed, then, &reason, now).await?;
        let deed = Deed {
            actor: "vault",
            action: "connection.broken",
            subject: &line.connection.to_string(),
            detail: &death.detail(),
        };
        audit::append(&mut tx, line.organization, now, deed).await?;
        tx.commit().await?;
        tracing::warn!(connection.id = %line.connection, "Intercom refuses the token; connection closed");
        Ok(())
    }
}
