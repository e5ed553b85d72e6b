use harken_contracts::wire::auth::v1::{
    ApiKey, CreateApiKeyRequest, CreateApiKeyResponse, ListApiKeysRequest, ListApiKeysResponse,
    RevokeApiKeyRequest, VerifyApiKeyRequest, VerifyApiKeyResponse,
};
use harken_contracts::wire::types::v1 as types;
use harken_domain::{Role, Secret};
use harken_runtime::{CallContext, Caller, status};
use tonic::{Request, Status};

use super::super::acting::Acting;
use super::super::{fields, status as answer};
use super::wire;
use crate::app::Vault;

pub(super) async fn create(
    vault: &Vault,
    request: Request<CreateApiKeyRequest>,
) -> Result<CreateApiKeyResponse, Status> {
    let acting = Acting::of(&request, Role::Admin)?;
    let role = fields::role("role", request.get_ref().role())?;
    // No key is mightier than its maker.
    CallContext::of(&request)?.require_role(role)?;
    let name = fields::name("name", &request.get_ref().name)?;
    let (key, secret) = vault
        .create_api_key(acting.organization, name, role, &acting.actor)
        .await
        .map_err(answer::key)?;
    Ok(CreateApiKeyResponse {
        api_key: Some(wire::api_key(key)),
        secret: secret.expose().to_owned(),
    })
}

pub(super) async fn list(
    vault: &Vault,
    request: Request<ListApiKeysRequest>,
) -> Result<ListApiKeysResponse, Status> {
    let acting = Acting::of(&request, Role::Admin)?;
    let keys = vault.api_keys(acting.organization).await;
    let keys = keys.map_err(|error| status::internal(&error))?;
    Ok(ListApiKeysResponse {
        api_keys: keys.into_iter().map(wire::api_key).collect(),
    })
}

pub(super) async fn revoke(
    vault: &Vault,
    request: Request<RevokeApiKeyRequest>,
) -> Result<ApiKey, Status> {
    let acting = Acting::of(&request, Role::Admin)?;
    let key = fields::id("api_key_id", &request.get_ref().api_key_id)?;
    let revoked = vault
        .revoke_api_key(acting.organization, key, &acting.actor)
        .await;
    revoked.map(wire::api_key).map_err(answer::key)
}

pub(super) async fn verify(
    vault: &Vault,
    request: Request<VerifyApiKeyRequest>,
) -> Result<VerifyApiKeyResponse, Status> {
    let context = CallContext::of(&request)?;
    if !matches!(context.caller(), Caller::Service(_)) {
        let message = "this method is for services of the deployment";
        return Err(status::permission_denied("SERVICES_ONLY", message));
    }
    let secret = Secret::new(request.into_inner().secret);
    let key = vault
        .verify_api_key(secret.expose())
        .await
        .map_err(answer::key)?;
    Ok(VerifyApiKeyResponse {
        api_key_id: key.id.to_string(),
        organization_id: key.organization.to_string(),
        role: types::Role::from(key.role).into(),
    })
}
