use chrono::{DateTime, Utc};
use harken_domain::ConnectionId;
use sqlx::PgConnection;
use uuid::Uuid;

/// A contact that was put away or brought back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Archival {
    pub(crate) connection: ConnectionId,
    pub(crate) external_id: String,
    pub(crate) told_at: DateTime<Utc>,
    pub(crate) is_archived: bool,
}

/// Notes who was put away or brought back; what was told last counts, and at one moment that it was put away.
pub(crate) async fn note(
    store: &mut PgConnection,
    archivals: &[Archival],
) -> Result<(), sqlx::Error> {
    if archivals.is_empty() {
        return Ok(());
    }
    let each = || archivals.iter();
    let connections: Vec<Uuid> = each().map(|row| row.connection.as_uuid()).collect();
    let ids: Vec<&str> = each().map(|row| row.external_id.as_str()).collect();
    let told_at: Vec<DateTime<Utc>> = each().map(|row| row.told_at).collect();
    let archived: Vec<bool> = each().map(|row| row.is_archived).collect();
    sqlx::query!(
        "INSERT INTO sync.archivals AS held (connection_id, external_id, told_at, is_archived)
         SELECT DISTINCT ON (connection_id, external_id) *
         FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::bool[])
              AS rows (connection_id, external_id, told_at, is_archived)
         ORDER BY connection_id, external_id, told_at DESC, is_archived DESC
         ON CONFLICT (connection_id, external_id) DO UPDATE
         SET told_at = excluded.told_at, is_archived = excluded.is_archived
         WHERE (held.told_at, held.is_archived) < (excluded.told_at, excluded.is_archived)",
        &connections,
        &ids as &[&str],
        &told_at,
        &archived,
    )
    .execute(store)
    .await?;
    Ok(())
}
