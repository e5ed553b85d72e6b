use chrono::{DateTime, Utc};
use harken_domain::{ApiKeyId, OrganizationId, Role};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{StoreError, word};
use crate::rules::opaque::SecretHash;

/// An API key without its secret.
#[derive(Clone, Debug)]
pub(crate) struct ApiKey {
    pub id: ApiKeyId,
    pub organization: OrganizationId,
    pub name: String,
    pub prefix: String,
    pub role: Role,
    pub created_at: DateTime<Utc>,
    /// To the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

struct Row {
    id: Uuid,
    organization_id: Uuid,
    name: String,
    prefix: String,
    role: String,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for ApiKey {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: ApiKeyId::from_uuid(row.id),
            organization: OrganizationId::from_uuid(row.organization_id),
            name: row.name,
            prefix: row.prefix,
            role: word(&row.role, "api_keys", "role")?,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        })
    }
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    key: &ApiKey,
    secret: &SecretHash,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO vault.api_keys (organization_id, id, name, prefix, secret_hash, role, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        key.organization.as_uuid(),
        key.id.as_uuid(),
        key.name,
        key.prefix,
        &secret[..],
        key.role.as_str(),
        key.created_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// All keys, newest first, revoked ones included.
pub(crate) async fn list(
    connection: &mut PgConnection,
    organization: OrganizationId,
) -> Result<Vec<ApiKey>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, organization_id, name, prefix, role, created_at, last_used_at, revoked_at
         FROM vault.api_keys WHERE organization_id = $1 ORDER BY created_at DESC, id DESC",
        organization.as_uuid(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(ApiKey::try_from).collect()
}

/// The key of a secret, unless it is revoked.
pub(crate) async fn verify(
    connection: &mut PgConnection,
    secret: &SecretHash,
) -> Result<Option<ApiKey>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, organization_id, name, prefix, role, created_at, last_used_at, revoked_at
         FROM vault.api_keys WHERE secret_hash = $1 AND revoked_at IS NULL",
        &secret[..],
    )
    .fetch_optional(connection)
    .await?;
    row.map(ApiKey::try_from).transpose()
}

/// Notes that a key was used, unless that was noted after `before`.
pub(crate) async fn touch(
    connection: &mut PgConnection,
    key: ApiKeyId,
    now: DateTime<Utc>,
    before: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE vault.api_keys SET last_used_at = $2
         WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)",
        key.as_uuid(),
        now,
        before,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Revokes a key; one that was revoked before keeps its time. None if there is no such key.
pub(crate) async fn revoke(
    connection: &mut PgConnection,
    organization: OrganizationId,
    key: ApiKeyId,
    now: DateTime<Utc>,
) -> Result<Option<ApiKey>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "UPDATE vault.api_keys SET revoked_at = coalesce(revoked_at, $3)
         WHERE organization_id = $1 AND id = $2
         RETURNING id, organization_id, name, prefix, role, created_at, last_used_at, revoked_at",
        organization.as_uuid(),
        key.as_uuid(),
        now,
    )
    .fetch_optional(connection)
    .await?;
    row.map(ApiKey::try_from).transpose()
}

pub(crate) async fn name(
    connection: &mut PgConnection,
    organization: OrganizationId,
    key: ApiKeyId,
) -> Result<Option<String>, StoreError> {
    let name = sqlx::query_scalar!(
        "SELECT name FROM vault.api_keys WHERE organization_id = $1 AND id = $2",
        organization.as_uuid(),
        key.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(name)
}
