use axum::response::{IntoResponse as _, Redirect, Response};
use harken_domain::Role;
use harken_runtime::status;
use serde::Deserialize;
use url::Url;

use super::form::Posted;
use super::page;
use super::visit::{Visit, id};
use crate::inbound::http::choice;
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::views::connect::ConnectPage;
use crate::views::connect_form::ConnectForm;
use crate::views::frame::Section;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    #[serde(default)]
    data_policy: String,
    #[serde(default)]
    on_disconnect: String,
    /// The connection to connect again; any workspace if empty.
    #[serde(default)]
    connection_id: String,
}

/// The choices before another workspace is connected.
pub(crate) async fn show(visit: Visit) -> Refused<Response> {
    visit.require(Role::Admin)?;
    let around = visit.surroundings().await?;
    page(&ConnectPage {
        frame: visit.frame(Section::Integrations, &around),
        connect: ConnectForm::default(),
    })
}

/// Begins to connect: sends the browser, in the same window, to where Intercom asks for consent.
pub(crate) async fn connect(posted: Posted<Form>) -> Refused<Response> {
    let Posted { visit, form } = posted;
    visit.require(Role::Admin)?;
    let terms = choice::terms(&form.data_policy, &form.on_disconnect)?;
    let again = Some(form.connection_id.as_str()).filter(|text| !text.is_empty());
    let again = again.map(id).transpose()?;
    let binding = visit
        .gateway
        .form_tokens
        .browser_binding(visit.viewer.session.expose());
    let begun = visit.asking().begin_oauth(binding, terms, again).await;
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
