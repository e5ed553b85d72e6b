use harken_contracts::convert::timestamp;
use harken_contracts::wire::auth::v1::{
    CreateSignInLinkRequest, CreateSignInLinkResponse, EndSessionRequest, EndSessionResponse,
    RedeemSignInLinkRequest, RedeemSignInLinkResponse, ResolveSessionRequest,
    ResolveSessionResponse,
};
use harken_domain::{Role, Secret};
use harken_runtime::CallContext;
use tonic::{Request, Status};

use super::super::acting::Acting;
use super::super::{fields, status as answer};
use super::wire;
use crate::app::Vault;

/// Only the console deals in sessions.
const CONSOLE: &[&str] = &["gateway"];

pub(super) async fn create_link(
    vault: &Vault,
    request: Request<CreateSignInLinkRequest>,
) -> Result<CreateSignInLinkResponse, Status> {
    let acting = Acting::of(&request, Role::Admin)?;
    let member = fields::id("member_id", &request.get_ref().member_id)?;
    let (token, expires_at) = vault
        .create_sign_in_link(acting.organization, member, acting.authority, &acting.actor)
        .await
        .map_err(answer::sign_in)?;
    Ok(CreateSignInLinkResponse {
        token: token.expose().to_owned(),
        expires_at: Some(timestamp(expires_at)),
    })
}

pub(super) async fn redeem_link(
    vault: &Vault,
    request: Request<RedeemSignInLinkRequest>,
) -> Result<RedeemSignInLinkResponse, Status> {
    CallContext::of(&request)?.require_service(CONSOLE)?;
    let link = Secret::new(request.into_inner().token);
    let (session, expires_at) = vault
        .redeem_sign_in_link(link.expose())
        .await
        .map_err(answer::sign_in)?;
    Ok(RedeemSignInLinkResponse {
        session_token: session.expose().to_owned(),
        expires_at: Some(timestamp(expires_at)),
    })
}

pub(super) async fn resolve_session(
    vault: &Vault,
    request: Request<ResolveSessionRequest>,
) -> Result<ResolveSessionResponse, Status> {
    CallContext::of(&request)?.require_service(CONSOLE)?;
    let session = Secret::new(request.into_inner().session_token);
    let signed_in = vault
        .resolve_session(session.expose())
        .await
        .map_err(answer::sign_in)?;
    Ok(ResolveSessionResponse {
        organization: Some(wire::organization(signed_in.organization)),
        member: Some(wire::member(signed_in.member)),
        session_id: signed_in.session.to_string(),
    })
}

pub(super) async fn end_session(
    vault: &Vault,
    request: Request<EndSessionRequest>,
) -> Result<EndSessionResponse, Status> {
    CallContext::of(&request)?.require_service(CONSOLE)?;
    let session = Secret::new(request.into_inner().session_token);
    let ended = vault.end_session(session.expose()).await;
    ended
        .map(|()| EndSessionResponse {})
        .map_err(answer::sign_in)
}
