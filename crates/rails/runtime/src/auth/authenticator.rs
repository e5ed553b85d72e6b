use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use harken_domain::Clock;
use http::{HeaderMap, header};
use tonic::Status;

use super::{
    ApiKeyVerifier, CallContext, Caller, MEMBER, ORGANIZATION, ROLE, ServiceSecret,
    ServiceTokenError, is_service_token,
};
use crate::status;

const WHAT_TO_SEND: &str = "send metadata `authorization: Bearer <API key>`";

/// Decides who sent a request.
#[derive(Clone)]
pub struct Authenticator {
    secret: ServiceSecret,
    keys: Arc<dyn ApiKeyVerifier>,
    clock: Clock,
}

impl Authenticator {
    /// Believes services that know `secret` and callers whose keys `keys` knows.
    pub fn new(secret: ServiceSecret, keys: impl ApiKeyVerifier + 'static, clock: Clock) -> Self {
        Self {
            secret,
            keys: Arc::new(keys),
            clock,
        }
    }

    /// Who sent a request with these headers or this metadata, and for whom.
    pub async fn authenticate(&self, headers: &HeaderMap) -> Result<CallContext, Status> {
        let token = bearer(headers)?;
        if is_service_token(token) {
            self.service(token, headers)
        } else {
            self.key(token).await
        }
    }

    fn service(&self, token: &str, headers: &HeaderMap) -> Result<CallContext, Status> {
        let name = self.secret.verify(token, self.clock.now()).map_err(|cause| match cause {
            ServiceTokenError::Forged => status::unauthenticated(
                "SERVICE_TOKEN_FORGED",
                "the service token is not signed with this deployment's service secret",
            ),
            ServiceTokenError::Stale => status::unauthenticated(
                "SERVICE_TOKEN_STALE",
                "the service token is over five minutes old; make a new one, and compare the clocks",
            ),
        })?;
        Ok(CallContext {
            caller: Caller::Service(name),
            organization: named(headers, ORGANIZATION)?,
            acting_member: named(headers, MEMBER)?,
            acting_role: named(headers, ROLE)?,
        })
    }

    /// What a key may do follows from the key alone; the metadata of services means nothing beside it.
    async fn key(&self, token: &str) -> Result<CallContext, Status> {
        let verified = self.keys.verify(token).await.map_err(|cause| {
            tracing::warn!(error = %cause, "API keys cannot be verified");
            status::unavailable(
                "KEYS_UNVERIFIABLE",
                "API keys cannot be verified for now; try again",
            )
        })?;
        let key = verified.ok_or_else(|| {
            status::unauthenticated(
                "API_KEY_UNKNOWN",
                format!("the API key is unknown or revoked; {WHAT_TO_SEND}"),
            )
        })?;
        Ok(CallContext {
            caller: Caller::ApiKey {
                id: key.id,
                role: key.role,
            },
            organization: Some(key.organization),
            acting_member: None,
            acting_role: None,
        })
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

fn bearer(headers: &HeaderMap) -> Result<&str, Status> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let Some(first) = all.next() else {
        let message = format!("no credentials came with this request; {WHAT_TO_SEND}");
        return Err(status::unauthenticated("NO_CREDENTIALS", message));
    };
    let token = first
        .to_str()
        .ok()
        .filter(|_| all.next().is_none())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && !token.is_empty())
        .map(|(_, token)| token.trim());
    token.ok_or_else(|| {
        let message = format!("the credentials are not of the scheme Bearer; {WHAT_TO_SEND}");
        status::unauthenticated("WRONG_SCHEME", message)
    })
}

/// What a service says in the metadata `name`, if it says anything.
fn named<T: FromStr>(headers: &HeaderMap, name: &str) -> Result<Option<T>, Status> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let parsed = value.to_str().ok().and_then(|text| text.parse().ok());
    parsed
        .map(Some)
        .ok_or_else(|| status::invalid_argument(name, "cannot be read"))
}
