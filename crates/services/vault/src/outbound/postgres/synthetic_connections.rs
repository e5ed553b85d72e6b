use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, OrganizationId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::StoreError;

/// How many an organization has open. Until the transaction ends, nobody else opens one there.
pub(crate) async fn lock_count(
    connection: &mut PgConnection,
    organization: OrganizationId,
) -> Result<i64, StoreError> {
    sqlx::query!(
        "SELECT id FROM vault.organizations WHERE id = $1 FOR NO KEY UPDATE",
        organization.as_uuid(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    let open = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM vault.connections
           WHERE organization_id = $1 AND method = 'synthetic' AND state = 'connected'"#,
        organization.as_uuid(),
    )
    .fetch_one(connection)
    .await?;
    Ok(open)
}

/// Open ones that were opened before `before`.
pub(crate) async fn outlived(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
) -> Result<Vec<(OrganizationId, ConnectionId)>, StoreError> {
    let rows: Vec<(Uuid, Uuid)> = sqlx::query!(
        "SELECT organization_id, id FROM vault.connections
         WHERE method = 'synthetic' AND state = 'connected' AND connected_at < $1 ORDER BY connected_at LIMIT 100",
        before,
    )
    .map(|row| (row.organization_id, row.id))
    .fetch_all(connection)
    .await?;
    let ids = |(organization, id)| {
        let organization = OrganizationId::from_uuid(organization);
        (organization, ConnectionId::from_uuid(id))
    };
    Ok(rows.into_iter().map(ids).collect())
}

/// Forgets closed ones that were opened before `before`: nothing speaks of them any more but the audit log.
pub(crate) async fn forget_closed(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM vault.connections
         WHERE method = 'synthetic' AND state <> 'connected' AND connected_at < $1",
        before,
    )
    .execute(connection)
    .await?;
    Ok(())
}
