//! Erases what a synthetic connection left behind, a bounded number of rows at a time.

use chrono::{DateTime, Utc};
use harken_domain::ConnectionId;
use sqlx::PgConnection;

/// Synthetic connections that are closed and not erased yet.
pub(crate) async fn to_erase(store: &mut PgConnection) -> Result<Vec<ConnectionId>, sqlx::Error> {
    let ids = sqlx::query_scalar!(
        "SELECT connection_id FROM sync.connections WHERE is_synthetic AND state = 'closed' AND erased_at IS NULL"
    )
    .fetch_all(store)
    .await?;
    Ok(ids.into_iter().map(ConnectionId::from_uuid).collect())
}

/// Erases some rows of a connection; how many.
#[expect(
    clippy::too_many_lines,
    reason = "checked statements name their table: one for each"
)]
pub(crate) async fn erase_some(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<u64, sqlx::Error> {
    let mut erased = 0;
    let id = connection.as_uuid();
    erased += sqlx::query!(
        "DELETE FROM sync.parts WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.parts WHERE connection_id = $1 LIMIT 5000))",
        id,
    )
    .execute(&mut *store)
    .await?
    .rows_affected();
    erased += sqlx::query!(
        "DELETE FROM sync.conversations WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.conversations WHERE connection_id = $1 LIMIT 5000))",
        id,
    )
    .execute(&mut *store)
    .await?
    .rows_affected();
    erased += sqlx::query!(
        "DELETE FROM sync.contacts WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.contacts WHERE connection_id = $1 LIMIT 5000))",
        id,
    )
    .execute(&mut *store)
    .await?
    .rows_affected();
    erased += sqlx::query!(
        "DELETE FROM sync.companies WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.companies WHERE connection_id = $1 LIMIT 5000))",
        id,
    )
    .execute(&mut *store)
    .await?
    .rows_affected();
    erased += sqlx::query!(
        "DELETE FROM sync.contact_aliases WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.contact_aliases WHERE connection_id = $1 LIMIT 5000))",
        id,
    )
    .execute(&mut *store)
    .await?
    .rows_affected();
    erased += sqlx::query!(
        "DELETE FROM sync.tombstones WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.tombstones WHERE connection_id = $1 LIMIT 5000))",
        id,
    )
    .execute(&mut *store)
    .await?
    .rows_affected();
    erased += sqlx::query!(
        "DELETE FROM sync.archivals WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.archivals WHERE connection_id = $1 LIMIT 5000))",
        id,
    )
    .execute(&mut *store)
    .await?
    .rows_affected();
    erased += sqlx::query!(
        "DELETE FROM sync.repairs WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.repairs WHERE connection_id = $1 LIMIT 5000))",
        id,
    )
    .execute(&mut *store)
    .await?
    .rows_affected();
    erased += sqlx::query!(
        "DELETE FROM sync.notifications WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.notifications WHERE connection_id = $1 LIMIT 5000))",
        id,
    )
    .execute(&mut *store)
    .await?
    .rows_affected();
    erased += sqlx::query!(
        "DELETE FROM sync.notification_hours WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.notification_hours WHERE connection_id = $1 LIMIT 5000))",
        id,
    )
    .execute(&mut *store)
    .await?
    .rows_affected();
    erased += sqlx::query!(
        "DELETE FROM sync.unknown_topics WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.unknown_topics WHERE connection_id = $1 LIMIT 5000))",
        id,
    )
    .execute(&mut *store)
    .await?
    .rows_affected();
    erased += sqlx::query!(
        "DELETE FROM sync.tags WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.tags WHERE connection_id = $1 LIMIT 5000))",
        id,
    )
    .execute(&mut *store)
    .await?
    .rows_affected();
    erased += sqlx::query!(
        "DELETE FROM sync.admins WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.admins WHERE connection_id = $1 LIMIT 5000))",
        id,
    )
    .execute(&mut *store)
    .await?
    .rows_affected();
    erased += sqlx::query!(
        "DELETE FROM sync.teams WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.teams WHERE connection_id = $1 LIMIT 5000))",
        id,
    )
    .execute(&mut *store)
    .await?
    .rows_affected();
    erased += sqlx::query!(
        "DELETE FROM sync.lacks WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.lacks WHERE connection_id = $1 LIMIT 5000))",
        id,
    )
    .execute(&mut *store)
    .await?
    .rows_affected();
    erased += sqlx::query!(
        "DELETE FROM sync.segments WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.segments WHERE connection_id = $1 LIMIT 5000))",
        id,
    )
    .execute(&mut *store)
    .await?
    .rows_affected();
    erased += sqlx::query!(
        "DELETE FROM sync.attributes WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.attributes WHERE connection_id = $1 LIMIT 5000))",
        id,
    )
    .execute(&mut *store)
    .await?
    .rows_affected();
    erased += sqlx::query!(
        "DELETE FROM sync.runs WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.runs WHERE connection_id = $1 LIMIT 5000))",
        id,
    )
    .execute(&mut *store)
    .await?
    .rows_affected();
    Ok(erased)
}

/// Notes that nothing of a connection is left.
pub(crate) async fn erased(
    store: &mut PgConnection,
    connection: ConnectionId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE sync.connections SET erased_at = $2 WHERE connection_id = $1",
        connection.as_uuid(),
        now,
    )
    .execute(store)
    .await?;
    Ok(())
}
