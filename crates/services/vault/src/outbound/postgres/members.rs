use chrono::{DateTime, Utc};
use harken_domain::{EmailAddress, MemberId, OrganizationId, Role};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{StoreError, word};

/// A person of an organization.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub id: MemberId,
    pub email: EmailAddress,
    pub name: String,
    pub role: Role,
    pub created_at: DateTime<Utc>,
}

/// The index that keeps an address unique in its organization.
pub(crate) const BY_EMAIL: &str = "members_by_email";

struct Row {
    id: Uuid,
    email: String,
    name: String,
    role: String,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Member {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: MemberId::from_uuid(row.id),
            email: EmailAddress::parse(&row.email).map_err(|_| StoreError::Inconsistent {
                table: "members",
                column: "email",
            })?,
            name: row.name,
            role: word(&row.role, "members", "role")?,
            created_at: row.created_at,
        })
    }
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    organization: OrganizationId,
    member: &Member,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO vault.members (organization_id, id, email, name, role, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        organization.as_uuid(),
        member.id.as_uuid(),
        member.email.as_str(),
        member.name,
        member.role.as_str(),
        member.created_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// All members, oldest first.
pub(crate) async fn list(
    connection: &mut PgConnection,
    organization: OrganizationId,
) -> Result<Vec<Member>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, email, name, role, created_at FROM vault.members
         WHERE organization_id = $1 ORDER BY created_at, id",
        organization.as_uuid(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Member::try_from).collect()
}

/// All members, held still until the transaction ends.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    organization: OrganizationId,
) -> Result<Vec<Member>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, email, name, role, created_at FROM vault.members
         WHERE organization_id = $1 ORDER BY id FOR UPDATE",
        organization.as_uuid(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Member::try_from).collect()
}

pub(crate) async fn get(
    connection: &mut PgConnection,
    organization: OrganizationId,
    member: MemberId,
) -> Result<Option<Member>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, email, name, role, created_at FROM vault.members
         WHERE organization_id = $1 AND id = $2",
        organization.as_uuid(),
        member.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(Member::try_from).transpose()
}

/// The owner who has been there longest.
pub(crate) async fn first_owner(
    connection: &mut PgConnection,
    organization: OrganizationId,
) -> Result<Option<Member>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, email, name, role, created_at FROM vault.members
         WHERE organization_id = $1 AND role = 'owner' ORDER BY created_at, id LIMIT 1",
        organization.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(Member::try_from).transpose()
}

pub(crate) async fn set_role(
    connection: &mut PgConnection,
    organization: OrganizationId,
    member: MemberId,
    role: Role,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE vault.members SET role = $3 WHERE organization_id = $1 AND id = $2",
        organization.as_uuid(),
        member.as_uuid(),
        role.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes a member; their sessions and links go with them.
pub(crate) async fn delete(
    connection: &mut PgConnection,
    organization: OrganizationId,
    member: MemberId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM vault.members WHERE organization_id = $1 AND id = $2",
        organization.as_uuid(),
        member.as_uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
