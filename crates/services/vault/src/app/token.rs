use std::sync::Arc;

use harken_domain::{ApiKeyId, ConnectionId, MemberId, OrganizationId, Secret};
use harken_intercom::Workspace;

use super::{Actor, OpenError, ProveError, Report, Vault};
use crate::outbound::intercom::{Budget, Line};
use crate::outbound::postgres::{StoreError, api_keys, members};
use crate::rules::connection::{Connection, Grant, Method, PolicyWish};

#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    #[error("there is no such member")]
    NoSuchMember,
    #[error(transparent)]
    Prove(#[from] ProveError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for TokenError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Who connects.
#[derive(Clone, Debug)]
pub(crate) enum Connector {
    Member(MemberId),
    ApiKey(ApiKeyId),
    /// By name.
    Service(Arc<str>),
}

impl Vault {
    /// Says what a token can do. It is not kept.
    pub(crate) async fn test_token(&self, token: Secret) -> Result<Report, ProveError> {
        self.prove(&self.line_of(token)).await
    }

    /// Connects with a token that proved every permission; `reconnects` names the connection to be opened again, and no
    /// other is.
    pub(crate) async fn connect_with_token(
        &self,
        organization: OrganizationId,
        token: Secret,
        connector: Connector,
        (wish, reconnects): (PolicyWish, Option<ConnectionId>),
        actor: &Actor,
    ) -> Result<Connection, TokenError> {
        let by = self.name_of_connector(organization, connector).await?;
        let by = by.ok_or(TokenError::NoSuchMember)?;
        let line = self.line_of(token);
        let grant = Grant {
            workspace: self.proved(&line).await?,
            method: Method::AccessToken,
            wish,
            by,
        };
        Ok(self
            .open(organization, grant, reconnects, &line, actor)
            .await?)
    }

    /// The workspace of a line whose token proved every permission.
    pub(super) async fn proved(&self, line: &Line) -> Result<Workspace, ProveError> {
        let report = self.prove(line).await?;
        match (report.is_ok(), report.workspace) {
            (true, Some(workspace)) => Ok(workspace),
            _ => Err(ProveError::Missing(report.proofs)),
        }
    }

    /// The line of a token that no connection has yet.
    pub(super) fn line_of(&self, token: Secret) -> Line {
        Line::new(
            self.direct.clone(),
            self.hosts.front_door().clone(),
            token,
            Budget::alone(),
        )
    }

    /// None if there is no such member or key.
    pub(super) async fn name_of_connector(
        &self,
        organization: OrganizationId,
        connector: Connector,
    ) -> Result<Option<String>, StoreError> {
        let mut postgres = self.store.pool().acquire().await?;
        Ok(match connector {
            Connector::Member(member) => members::get(&mut postgres, organization, member)
                .await?
                .map(|member| member.name),
            Connector::ApiKey(key) => api_keys::name(&mut postgres, organization, key)
                .await?
                .map(|name| format!("API key “{name}”")),
            Connector::Service(name) => Some(name.to_string()),
        })
    }
}
