use axum::extract::FromRequestParts;
use harken_domain::Role;
use harken_runtime::ApiKeyVerifier as _;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};

use crate::app::Gateway;
use crate::inbound::http::cookies::Jar;
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::outbound::{Acting, Asking, Who};

/// What a page of the console sends along when its script changes something.
const FORM_TOKEN: &str = "x-csrf-token";

/// Who calls the API: a program with a key, or a page of the console.
pub(crate) struct Caller {
    pub(crate) gateway: Gateway,
    pub(crate) acting: Acting,
}

impl Caller {
    pub(crate) fn asking(&self) -> Asking {
        self.gateway.ask(self.acting)
    }

    pub(crate) fn require(&self, needed: Role) -> Refused<()> {
        let own = self.acting.role;
        if own.allows(needed) {
            Ok(())
        } else {
            Err(Refusal::role(needed, own))
        }
    }
}

impl FromRequestParts<Gateway> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Refused<Self> {
        let acting = if parts.headers.contains_key(header::AUTHORIZATION) {
            with_key(gateway, &parts.headers).await?
        } else {
            with_session(gateway, parts).await?
        };
        let gateway = gateway.clone();
        Ok(Self { gateway, acting })
    }
}

async fn with_key(gateway: &Gateway, headers: &HeaderMap) -> Refused<Acting> {
    let secret = bearer(headers)
        .ok_or_else(|| unauthenticated("The header is not of the form `Bearer hk_…`."))?;
    let verified = gateway.keys.verify(secret).await.map_err(|cause| {
        tracing::warn!(error = %cause, "API keys cannot be verified");
        Refusal::from(tonic::Status::unavailable(""))
    })?;
    let key = verified.ok_or_else(|| unauthenticated("The API key is unknown or revoked."))?;
    Ok(Acting {
        organization: key.organization,
        role: key.role,
        who: Who::ApiKey(key.id),
    })
}

async fn with_session(gateway: &Gateway, parts: &Parts) -> Refused<Acting> {
    let session = Jar::new(gateway.is_secure()).session(&parts.headers);
    let session =
        session.ok_or_else(|| unauthenticated("No credentials came with the request."))?;
    let token = parts
        .headers
        .get(FORM_TOKEN)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !parts.method.is_safe() && !gateway.form_tokens.holds(session.expose(), token) {
        return Err(Refusal::foreign_form());
    }
    let viewer = gateway.viewer(session).await?;
    let viewer = viewer.ok_or_else(|| unauthenticated("The session has ended."))?;
    Ok(viewer.acting)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (scheme, secret) = all.next()?.to_str().ok()?.split_once(' ')?;
    let secret = secret.trim();
    let is_one = all.next().is_none();
    (is_one && scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty()).then_some(secret)
}

fn unauthenticated(why: &str) -> Refusal {
    Refusal::new(
        StatusCode::UNAUTHORIZED,
        "UNAUTHENTICATED",
        "Who calls is not known",
        why,
        "Send `Authorization: Bearer <API key>`; keys are made in the console under Settings, API keys.",
    )
}
