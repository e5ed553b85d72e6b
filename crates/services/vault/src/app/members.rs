use harken_domain::{EmailAddress, MemberId, OrganizationId, Role};

use super::{Actor, Vault};
use crate::outbound::postgres::StoreError;
use crate::outbound::postgres::audit::{self, Deed};
use crate::outbound::postgres::members::{self, BY_EMAIL, Member};
use crate::rules::roles::{Seat, keeps_an_owner};

#[derive(Debug)]
pub(crate) struct NewMember {
    pub email: EmailAddress,
    pub name: String,
    pub role: Role,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum MemberError {
    #[error("there is no such member")]
    NoSuchMember,
    #[error("a member has this address already")]
    EmailTaken,
    #[error("the last owner stays owner; make somebody else owner first")]
    LastOwner,
    #[error("members above one's own role are not changed")]
    AboveAuthority,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for MemberError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Vault {
    pub(crate) async fn members(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<Member>, StoreError> {
        let mut postgres = self.store.pool().acquire().await?;
        members::list(&mut postgres, organization).await
    }

    pub(crate) async fn add_member(
        &self,
        organization: OrganizationId,
        new: NewMember,
        actor: &Actor,
    ) -> Result<Member, MemberError> {
        let now = self.clock.now();
        let member = Member {
            id: MemberId::generate(&self.clock),
            email: new.email,
            name: new.name,
            role: new.role,
            created_at: now,
        };
        let mut tx = self.store.begin().await?;
        let inserted = members::insert(&mut tx, organization, &member).await;
        inserted.map_err(|error| {
            if error.is_taken(BY_EMAIL) {
                MemberError::EmailTaken
            } else {
                MemberError::Store(error)
            }
        })?;
        let deed = Deed {
            actor: &actor.0,
            action: "member.added",
            subject: &member.id.to_string(),
            detail: member.role.as_str(),
        };
        audit::append(&mut tx, organization, now, deed).await?;
        tx.commit().await?;
        Ok(member)
    }

    /// Gives a member another role. Neither the old nor the new one may lie above `authority`.
    pub(crate) async fn set_member_role(
        &self,
        organization: OrganizationId,
        id: MemberId,
        role: Role,
        authority: Role,
        actor: &Actor,
    ) -> Result<Member, MemberError> {
        let mut tx = self.store.begin().await?;
        let mut member = admit(
            members::lock(&mut tx, organization).await?,
            id,
            Some(role),
            authority,
        )?;
        members::set_role(&mut tx, organization, id, role).await?;
        member.role = role;
        let deed = Deed {
            actor: &actor.0,
            action: "member.role_set",
            subject: &id.to_string(),
            detail: role.as_str(),
        };
        audit::append(&mut tx, organization, self.clock.now(), deed).await?;
        tx.commit().await?;
        Ok(member)
    }

    /// Removes a member, with their sessions and links.
    pub(crate) async fn remove_member(
        &self,
        organization: OrganizationId,
        id: MemberId,
        authority: Role,
        actor: &Actor,
    ) -> Result<(), MemberError> {
        let mut tx = self.store.begin().await?;
        let members = members::lock(&mut tx, organization).await?;
        admit(members, id, None, authority)?;
        members::delete(&mut tx, organization, id).await?;
        let deed = Deed {
            actor: &actor.0,
            action: "member.removed",
            subject: &id.to_string(),
            detail: "",
        };
        audit::append(&mut tx, organization, self.clock.now(), deed).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The member, if whoever has `authority` may make them `role`, or let them go.
fn admit(
    members: Vec<Member>,
    id: MemberId,
    role: Option<Role>,
    authority: Role,
) -> Result<Member, MemberError> {
    let seats: Vec<Seat> = members
        .iter()
        .map(|member| Seat {
            member: member.id,
            role: member.role,
        })
        .collect();
    let member = members
        .into_iter()
        .find(|member| member.id == id)
        .ok_or(MemberError::NoSuchMember)?;
    if !authority.allows(member.role) || role.is_some_and(|role| !authority.allows(role)) {
        return Err(MemberError::AboveAuthority);
    }
    if !keeps_an_owner(&seats, id, role) {
        return Err(MemberError::LastOwner);
    }
    Ok(member)
}
