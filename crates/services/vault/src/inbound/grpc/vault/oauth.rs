use harken_contracts::convert::timestamp;
use harken_contracts::wire::vault::v1::{
    BeginOAuthRequest, BeginOAuthResponse, CompleteOAuthRequest, Connection,
};
use harken_domain::{Role, Secret};
use harken_runtime::CallContext;
use tonic::{Request, Status};

use super::super::acting::Acting;
use super::super::{fields, status as answer};
use super::wire;
use crate::app::{Callback, Vault};

/// Only the console has a browser to send somewhere.
const CONSOLE: &[&str] = &["gateway"];

pub(super) async fn begin(
    vault: &Vault,
    request: Request<BeginOAuthRequest>,
) -> Result<BeginOAuthResponse, Status> {
    CallContext::of(&request)?.require_service(CONSOLE)?;
    let acting = Acting::of(&request, Role::Admin)?;
    let asked = request.into_inner();
    let member = fields::id("member_id", &asked.member_id)?;
    let wish = fields::wish(asked.data_policy(), asked.on_disconnect());
    let reconnects = fields::optional_id("connection_id", &asked.connection_id)?;
    let binding = Secret::new(asked.browser_binding);
    let begun = vault
        .begin_oauth(
            acting.organization,
            member,
            binding.expose(),
            wish,
            reconnects,
        )
        .await;
    let begun = begun.map_err(answer::begin)?;
    Ok(BeginOAuthResponse {
        authorize_url: begun.authorize_url,
        expires_at: Some(timestamp(begun.expires_at)),
    })
}

pub(super) async fn complete(
    vault: &Vault,
    request: Request<CompleteOAuthRequest>,
) -> Result<Connection, Status> {
    CallContext::of(&request)?.require_service(CONSOLE)?;
    let acting = Acting::of(&request, Role::Admin)?;
    let asked = request.into_inner();
    let (code, binding) = (Secret::new(asked.code), Secret::new(asked.browser_binding));
    let callback = Callback {
        state: &asked.state,
        code: code.expose(),
        error: &asked.error,
        browser_binding: binding.expose(),
    };
    let connected = vault
        .complete_oauth(acting.organization, callback, &acting.actor)
        .await;
    connected.map(wire::connection).map_err(answer::complete)
}
