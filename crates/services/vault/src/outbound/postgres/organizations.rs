use chrono::{DateTime, Utc};
use harken_domain::OrganizationId;
use sqlx::PgConnection;

use super::StoreError;

#[derive(Clone, Debug)]
pub(crate) struct Organization {
    pub id: OrganizationId,
    pub name: String,
    pub created_at: DateTime<Utc>,
}

/// Whether it is new: its name, in any case, was not there before.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    organization: &Organization,
) -> Result<bool, StoreError> {
    let inserted = sqlx::query!(
        "INSERT INTO vault.organizations (id, name, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (lower(name)) DO NOTHING",
        organization.id.as_uuid(),
        organization.name,
        organization.created_at,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

pub(crate) async fn by_name(
    connection: &mut PgConnection,
    name: &str,
) -> Result<Option<Organization>, StoreError> {
    let row = sqlx::query!(
        "SELECT id, name, created_at FROM vault.organizations WHERE lower(name) = lower($1)",
        name,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Organization {
        id: OrganizationId::from_uuid(row.id),
        name: row.name,
        created_at: row.created_at,
    }))
}

pub(crate) async fn get(
    connection: &mut PgConnection,
    id: OrganizationId,
) -> Result<Option<Organization>, StoreError> {
    let row = sqlx::query!(
        "SELECT name, created_at FROM vault.organizations WHERE id = $1",
        id.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Organization {
        id,
        name: row.name,
        created_at: row.created_at,
    }))
}
