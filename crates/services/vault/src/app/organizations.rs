use harken_domain::{EmailAddress, MemberId, OrganizationId, Role};

use super::{Actor, Vault};
use crate::outbound::postgres::StoreError;
use crate::outbound::postgres::audit::{self, Deed};
use crate::outbound::postgres::members::{self, Member};
use crate::outbound::postgres::organizations::{self, Organization};

/// What an organization begins with.
#[derive(Debug)]
pub(crate) struct Founding {
    pub name: String,
    pub owner_email: EmailAddress,
    pub owner_name: String,
}

/// An organization that is certain to be there.
#[derive(Debug)]
pub(crate) struct Ensured {
    pub organization: Organization,
    pub owner: Member,
    pub created: bool,
}

impl Vault {
    /// Creates an organization with its first owner, or answers the one of that name with its first owner.
    pub(crate) async fn ensure_organization(
        &self,
        founding: Founding,
        actor: &Actor,
    ) -> Result<Ensured, StoreError> {
        let now = self.clock.now();
        let organization = Organization {
            id: OrganizationId::generate(&self.clock),
            name: founding.name,
            created_at: now,
        };
        let mut tx = self.store.begin().await?;
        if !organizations::insert(&mut tx, &organization).await? {
            let lost = StoreError::Inconsistent {
                table: "organizations",
                column: "name",
            };
            let organization = organizations::by_name(&mut tx, &organization.name).await?;
            let organization = organization.ok_or(lost)?;
            let owner = members::first_owner(&mut tx, organization.id).await?;
            let ownerless = StoreError::Inconsistent {
                table: "members",
                column: "role",
            };
            let owner = owner.ok_or(ownerless)?;
            return Ok(Ensured {
                organization,
                owner,
                created: false,
            });
        }
        let owner = Member {
            id: MemberId::generate(&self.clock),
            email: founding.owner_email,
            name: founding.owner_name,
            role: Role::Owner,
            created_at: now,
        };
        members::insert(&mut tx, organization.id, &owner).await?;
        let deed = Deed {
            actor: &actor.0,
            action: "organization.created",
            subject: &organization.id.to_string(),
            detail: &format!("owner {}", owner.id),
        };
        audit::append(&mut tx, organization.id, now, deed).await?;
        tx.commit().await?;
        Ok(Ensured {
            organization,
            owner,
            created: true,
        })
    }

    pub(crate) async fn organization(
        &self,
        id: OrganizationId,
    ) -> Result<Option<Organization>, StoreError> {
        let mut postgres = self.store.pool().acquire().await?;
        organizations::get(&mut postgres, id).await
    }
}
