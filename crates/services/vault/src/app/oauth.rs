use chrono::{DateTime, TimeDelta, Utc};
use harken_domain::{ConnectionId, MemberId, OrganizationId, Secret};
use harken_intercom::ExchangeError;
use oauth2::basic::BasicClient;
use oauth2::{AuthUrl, ClientId, CsrfToken, RedirectUrl};

use super::prove::{Identity, ProveError};
use super::{Actor, OAuthSettings, OpenError, Vault};
use crate::outbound::postgres::oauth_attempts::{self, OAuthAttempt};
use crate::outbound::postgres::{StoreError, connections, members};
use crate::rules::connection::{Connection, Grant, Method, PolicyWish};
use crate::rules::oauth_callback::{self, Mishap};
use crate::rules::opaque;

const ATTEMPT_LIVES: TimeDelta = TimeDelta::minutes(10);

/// An attempt that was begun.
#[derive(Debug)]
pub(crate) struct Begun {
    pub authorize_url: String,
    pub expires_at: DateTime<Utc>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum BeginError {
    #[error("this deployment has no Intercom app; set HARKEN_INTERCOM_CLIENT_ID and its secret")]
    NotConfigured,
    #[error("there is no such member")]
    NoSuchMember,
    #[error("there is no such connection")]
    NoSuchConnection,
    #[error("the browser binding is empty or too long")]
    Binding,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What Intercom sent the browser back with, and which browser it was.
pub(crate) struct Callback<'a> {
    pub state: &'a str,
    pub code: &'a str,
    pub error: &'a str,
    pub browser_binding: &'a str,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum CompleteError {
    #[error(transparent)]
    Mishap(#[from] Mishap),
    #[error(transparent)]
    Exchange(ExchangeError),
    #[error(transparent)]
    Prove(#[from] ProveError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for BeginError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<sqlx::Error> for CompleteError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<ExchangeError> for CompleteError {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::WrongClient => Self::Mishap(Mishap::WrongClient),
            ExchangeError::RedirectMismatch => Self::Mishap(Mishap::RedirectMismatch),
            ExchangeError::CodeRefused { .. } => Self::Mishap(Mishap::CodeRefused),
            ExchangeError::Unreachable(_) => Self::Exchange(error),
        }
    }
}

impl Vault {
    /// Begins an attempt, bound to one browser, and answers where to send it.
    pub(crate) async fn begin_oauth(
        &self,
        organization: OrganizationId,
        member: MemberId,
        browser_binding: &str,
        wish: PolicyWish,
        reconnects: Option<ConnectionId>,
    ) -> Result<Begun, BeginError> {
        let settings = self.oauth.as_ref().ok_or(BeginError::NotConfigured)?;
        let binding = opaque::hash(browser_binding).ok_or(BeginError::Binding)?;
        let state = opaque::generate();
        let state_hash = opaque::hash(state.expose()).ok_or(BeginError::Binding)?;
        let expires_at = self.clock.now() + ATTEMPT_LIVES;
        let mut postgres = self.store.pool().acquire().await?;
        let found = members::get(&mut postgres, organization, member).await?;
        found.ok_or(BeginError::NoSuchMember)?;
        if let Some(id) = reconnects {
            let found = connections::get(&mut postgres, organization, id).await?;
            found.ok_or(BeginError::NoSuchConnection)?;
        }
        let attempt = OAuthAttempt {
            organization,
            member,
            wish,
            reconnects,
            expires_at,
        };
        oauth_attempts::insert(&mut postgres, &state_hash, &binding, &attempt).await?;
        let authorize_url = self.authorize_url(settings, &state);
        Ok(Begun {
            authorize_url,
            expires_at,
        })
    }

    fn authorize_url(&self, settings: &OAuthSettings, state: &Secret) -> String {
        let client = BasicClient::new(ClientId::new(settings.app.client_id.clone()))
            .set_auth_uri(AuthUrl::from_url(self.hosts.authorize().clone()))
            .set_redirect_uri(RedirectUrl::from_url(settings.redirect_uri.clone()));
        let (url, _) = client
            .authorize_url(|| CsrfToken::new(state.expose().to_owned()))
            .url();
        url.into()
    }

    /// Ends an attempt with a connection, at most once.
    pub(crate) async fn complete_oauth(
        &self,
        organization: OrganizationId,
        callback: Callback<'_>,
        actor: &Actor,
    ) -> Result<Connection, CompleteError> {
        let attempt = self.consume_attempt(organization, &callback).await;
        // A refusal is told for what it is, even when its attempt is long gone.
        let code = oauth_callback::code(callback.code, callback.error)?;
        let attempt = attempt?;
        let settings = self.oauth.as_ref().ok_or(Mishap::WrongClient)?;
        let redirect_uri = settings.redirect_uri.as_str();
        let front_door = self.hosts.front_door();
        let exchanged = self
            .direct
            .exchange_code(front_door, &settings.app, code, redirect_uri);
        let token = exchanged.await?;
        let line = self.line_of(token);
        let workspace = match self.identify(&line).await? {
            Identity::Of(workspace) => workspace,
            Identity::Refused(_) => return Err(Mishap::CodeRefused.into()),
            Identity::NotPermitted(proof) => return Err(ProveError::Missing(vec![proof]).into()),
        };
        let by = self.name_of(organization, attempt.member).await?;
        let grant = Grant {
            workspace,
            method: Method::OAuth,
            wish: attempt.wish,
            by,
        };
        Ok(self
            .open(organization, grant, attempt.reconnects, &line, actor)
            .await?)
    }

    /// Uses the attempt up, whatever comes of it.
    async fn consume_attempt(
        &self,
        organization: OrganizationId,
        callback: &Callback<'_>,
    ) -> Result<OAuthAttempt, CompleteError> {
        let state = opaque::hash(callback.state).ok_or(Mishap::StateUnknown)?;
        let binding = opaque::hash(callback.browser_binding).ok_or(Mishap::StateUnknown)?;
        let mut postgres = self.store.pool().acquire().await?;
        let attempt =
            oauth_attempts::consume(&mut postgres, &state, &binding, organization).await?;
        let attempt = attempt.ok_or(Mishap::StateUnknown)?;
        if attempt.expires_at <= self.clock.now() {
            return Err(Mishap::StateExpired.into());
        }
        Ok(attempt)
    }

    pub(super) async fn name_of(
        &self,
        organization: OrganizationId,
        member: MemberId,
    ) -> Result<String, StoreError> {
        let mut postgres = self.store.pool().acquire().await?;
        let member = members::get(&mut postgres, organization, member).await?;
        Ok(member.map_or_else(|| "a former member".to_owned(), |member| member.name))
    }
}
