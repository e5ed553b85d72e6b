use harken_contracts::wire::auth::v1::{
    AddMemberRequest, ListMembersRequest, ListMembersResponse, Member, RemoveMemberRequest,
    RemoveMemberResponse, SetMemberRoleRequest,
};
use harken_domain::Role;
use harken_runtime::{CallContext, status};
use tonic::{Request, Status};

use super::super::acting::Acting;
use super::super::{fields, status as answer};
use super::wire;
use crate::app::{NewMember, Vault};

pub(super) async fn add(
    vault: &Vault,
    request: Request<AddMemberRequest>,
) -> Result<Member, Status> {
    let acting = Acting::of(&request, Role::Admin)?;
    let role = fields::role("role", request.get_ref().role())?;
    // Nobody makes somebody mightier than they are.
    CallContext::of(&request)?.require_role(role)?;
    let asked = request.into_inner();
    let new = NewMember {
        email: fields::email("email", &asked.email)?,
        name: fields::name("name", &asked.name)?,
        role,
    };
    let added = vault
        .add_member(acting.organization, new, &acting.actor)
        .await;
    added.map(wire::member).map_err(answer::member)
}

pub(super) async fn list(
    vault: &Vault,
    request: Request<ListMembersRequest>,
) -> Result<ListMembersResponse, Status> {
    let acting = Acting::of(&request, Role::Viewer)?;
    let members = vault.members(acting.organization).await;
    let members = members.map_err(|error| status::internal(&error))?;
    Ok(ListMembersResponse {
        members: members.into_iter().map(wire::member).collect(),
    })
}

pub(super) async fn set_role(
    vault: &Vault,
    request: Request<SetMemberRoleRequest>,
) -> Result<Member, Status> {
    let acting = Acting::of(&request, Role::Admin)?;
    let asked = request.into_inner();
    let member = fields::id("member_id", &asked.member_id)?;
    let role = fields::role("role", asked.role())?;
    vault
        .set_member_role(
            acting.organization,
            member,
            role,
            acting.authority,
            &acting.actor,
        )
        .await
        .map(wire::member)
        .map_err(answer::member)
}

pub(super) async fn remove(
    vault: &Vault,
    request: Request<RemoveMemberRequest>,
) -> Result<RemoveMemberResponse, Status> {
    let acting = Acting::of(&request, Role::Admin)?;
    let member = fields::id("member_id", &request.get_ref().member_id)?;
    vault
        .remove_member(acting.organization, member, acting.authority, &acting.actor)
        .await
        .map(|()| RemoveMemberResponse {})
        .map_err(answer::member)
}
