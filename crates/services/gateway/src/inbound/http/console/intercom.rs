use axum::response::{IntoResponse as _, Redirect, Response};
use harken_domain::Role;
use harken_runtime::status;
use url::Url;

use super::form::{Button, Posted};
use crate::inbound::http::refusal::{Refusal, Refused};

/// Begins to connect: sends the browser, in the same window, to where Intercom asks for consent.
pub(crate) async fn connect(posted: Posted<Button>) -> Refused<Response> {
    let visit = posted.visit;
    visit.require(Role::Admin)?;
    let binding = visit
        .gateway
        .form_tokens
        .browser_binding(visit.viewer.session.expose());
    let begun = visit.asking().begin_oauth(binding).await;
    let begun = begun.map_err(|refused| Refusal::because_of_connecting(&refused))?;
    let leads_to = Url::parse(&begun.authorize_url).map_err(|cause| status::internal(&cause))?;
    let origin = leads_to.origin().ascii_serialization();
    if !visit.gateway.consent_origins.contains(&origin) {
        tracing::error!(
            origin,
            "the vault wants to send a browser where the console does not send any"
        );
        return Err(tonic::Status::internal("consent origin").into());
    }
    Ok(Redirect::to(leads_to.as_str()).into_response())
}
