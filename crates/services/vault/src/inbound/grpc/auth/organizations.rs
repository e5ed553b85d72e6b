use harken_contracts::wire::auth::v1::{
    EnsureOrganizationRequest, EnsureOrganizationResponse, GetOrganizationRequest, Organization,
};
use harken_domain::Role;
use harken_runtime::{CallContext, status};
use tonic::{Request, Status};

use super::super::acting::{Acting, actor};
use super::super::fields;
use super::wire;
use crate::app::{Founding, Vault};

pub(super) async fn ensure(
    vault: &Vault,
    request: Request<EnsureOrganizationRequest>,
) -> Result<EnsureOrganizationResponse, Status> {
    let context = CallContext::of(&request)?;
    context.require_service(&["operator"])?;
    let actor = actor(context);
    let asked = request.into_inner();
    let founding = Founding {
        name: fields::name("name", &asked.name)?,
        owner_email: fields::email("owner_email", &asked.owner_email)?,
        owner_name: fields::name("owner_name", &asked.owner_name)?,
    };
    let ensured = vault
        .ensure_organization(founding, &actor)
        .await
        .map_err(|error| status::internal(&error))?;
    Ok(EnsureOrganizationResponse {
        organization: Some(wire::organization(ensured.organization)),
        owner: Some(wire::member(ensured.owner)),
        created: ensured.created,
    })
}

pub(super) async fn get(
    vault: &Vault,
    request: Request<GetOrganizationRequest>,
) -> Result<Organization, Status> {
    let acting = Acting::of(&request, Role::Viewer)?;
    let found = vault.organization(acting.organization).await;
    let found = found.map_err(|error| status::internal(&error))?;
    found
        .map(wire::organization)
        .ok_or_else(|| status::not_found("organization"))
}
