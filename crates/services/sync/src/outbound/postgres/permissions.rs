//! Permissions that runs found missing.

use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, RunId};
use sqlx::PgConnection;

/// A permission that Intercom asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missing {
    /// As Intercom's Developer Hub names it.
    pub(crate) permission: &'static str,
    pub(crate) request_id: Option<String>,
}

/// Notes permissions that a run found missing.
pub(crate) async fn miss(
    store: &mut PgConnection,
    connection: ConnectionId,
    run: RunId,
    missing: &[Missing],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    for one in missing {
        sqlx::query!(
            "INSERT INTO sync.missing_permissions (connection_id, permission, run_id, intercom_request_id, noted_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (connection_id, permission) DO UPDATE
             SET run_id = excluded.run_id, intercom_request_id = excluded.intercom_request_id,
                 noted_at = excluded.noted_at",
            connection.as_uuid(),
            one.permission,
            run.as_uuid(),
            one.request_id.as_deref().unwrap_or(""),
            now,
        )
        .execute(&mut *store)
        .await?;
    }
    Ok(())
}

/// Notes permissions that a run needed and was not refused.
pub(crate) async fn prove(
    store: &mut PgConnection,
    connection: ConnectionId,
    run: RunId,
    proven: &[&str],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM sync.missing_permissions WHERE connection_id = $1 AND run_id <> $2 AND permission = ANY ($3)",
        connection.as_uuid(),
        run.as_uuid(),
        proven as &[&str],
    )
    .execute(store)
    .await?;
    Ok(())
}

/// What is missing, by name.
pub(crate) async fn missing(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT permission FROM sync.missing_permissions WHERE connection_id = $1 ORDER BY permission",
        connection.as_uuid(),
    )
    .fetch_all(store)
    .await
}
