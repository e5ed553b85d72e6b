use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, OrganizationId, Revision};
use sqlx::PgConnection;

use super::StoreError;

/// An erasure that every service was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ErasureRequest {
    pub connection: ConnectionId,
    pub organization: OrganizationId,
    /// Of the closing that asked for it.
    pub revision: Revision,
    pub requested_at: DateTime<Utc>,
    pub completed_at: Option<DateTime<Utc>>,
    pub overdue_told_at: Option<DateTime<Utc>>,
}

struct Row {
    connection_id: uuid::Uuid,
    organization_id: uuid::Uuid,
    revision: i64,
    requested_at: DateTime<Utc>,
    completed_at: Option<DateTime<Utc>>,
    overdue_told_at: Option<DateTime<Utc>>,
}

impl From<Row> for ErasureRequest {
    fn from(row: Row) -> Self {
        Self {
            connection: ConnectionId::from_uuid(row.connection_id),
            organization: OrganizationId::from_uuid(row.organization_id),
            revision: Revision(row.revision),
            requested_at: row.requested_at,
            completed_at: row.completed_at,
            overdue_told_at: row.overdue_told_at,
        }
    }
}

pub(crate) async fn insert(
    postgres: &mut PgConnection,
    request: &ErasureRequest,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO vault.erasure_requests (connection_id, organization_id, revision, requested_at)
         VALUES ($1, $2, $3, $4)",
        request.connection.as_uuid(),
        request.organization.as_uuid(),
        request.revision.0,
        request.requested_at,
    )
    .execute(postgres)
    .await?;
    Ok(())
}

pub(crate) async fn get(
    postgres: &mut PgConnection,
    organization: OrganizationId,
    id: ConnectionId,
) -> Result<Option<ErasureRequest>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT connection_id, organization_id, revision, requested_at, completed_at, overdue_told_at
         FROM vault.erasure_requests WHERE organization_id = $1 AND connection_id = $2",
        organization.as_uuid(),
        id.as_uuid(),
    )
    .fetch_optional(postgres)
    .await?;
    Ok(row.map(ErasureRequest::from))
}

/// Whether it is not completed yet. Held until the transaction ends, so that one process at a time works on it.
pub(crate) async fn lock_unfinished(
    postgres: &mut PgConnection,
    id: ConnectionId,
) -> Result<bool, StoreError> {
    let row = sqlx::query!(
        "SELECT revision FROM vault.erasure_requests
         WHERE connection_id = $1 AND completed_at IS NULL FOR UPDATE",
        id.as_uuid(),
    )
    .fetch_optional(postgres)
    .await?;
    Ok(row.is_some())
}

/// What is not completed, oldest first.
pub(crate) async fn unfinished(
    postgres: &mut PgConnection,
) -> Result<Vec<ErasureRequest>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT connection_id, organization_id, revision, requested_at, completed_at, overdue_told_at
         FROM vault.erasure_requests WHERE completed_at IS NULL ORDER BY requested_at LIMIT 1000",
    )
    .fetch_all(postgres)
    .await?;
    Ok(rows.into_iter().map(ErasureRequest::from).collect())
}

/// What was completed before `before`, and the bus not cleared once more since.
pub(crate) async fn unswept(
    postgres: &mut PgConnection,
    before: DateTime<Utc>,
) -> Result<Vec<ConnectionId>, StoreError> {
    let rows = sqlx::query_scalar!(
        "SELECT connection_id FROM vault.erasure_requests
         WHERE completed_at <= $1 AND swept_at IS NULL ORDER BY completed_at LIMIT 100",
        before,
    )
    .fetch_all(postgres)
    .await?;
    Ok(rows.into_iter().map(ConnectionId::from_uuid).collect())
}

pub(crate) async fn complete(
    postgres: &mut PgConnection,
    id: ConnectionId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE vault.erasure_requests SET completed_at = $2 WHERE connection_id = $1",
        id.as_uuid(),
        now,
    )
    .execute(postgres)
    .await?;
    Ok(())
}

/// Notes that the bus was cleared once more; whether nobody had noted it before.
pub(crate) async fn swept(
    postgres: &mut PgConnection,
    id: ConnectionId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let swept = sqlx::query!(
        "UPDATE vault.erasure_requests SET swept_at = $2 WHERE connection_id = $1 AND swept_at IS NULL",
        id.as_uuid(),
        now,
    )
    .execute(postgres)
    .await?;
    Ok(swept.rows_affected() == 1)
}

/// Notes that it was said to take too long.
pub(crate) async fn told_overdue(
    postgres: &mut PgConnection,
    id: ConnectionId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE vault.erasure_requests SET overdue_told_at = $2 WHERE connection_id = $1",
        id.as_uuid(),
        now,
    )
    .execute(postgres)
    .await?;
    Ok(())
}

/// Events of a connection that are still on their way to the bus.
pub(crate) async fn is_told(
    postgres: &mut PgConnection,
    id: ConnectionId,
) -> Result<bool, StoreError> {
    let waiting = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM vault.outbox WHERE connection_id = $1) AS "waiting!""#,
        id.as_uuid(),
    )
    .fetch_one(postgres)
    .await?;
    Ok(!waiting)
}
