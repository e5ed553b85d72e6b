//! What was deleted, for good.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use harken_contracts::subjects::RecordKind;
use harken_domain::ConnectionId;
use sqlx::PgConnection;

use super::{Key, Keys};

/// Buries records of one kind; answers those that were not buried yet.
pub(crate) async fn bury(
    store: &mut PgConnection,
    kind: RecordKind,
    keys: &Keys,
    now: DateTime<Utc>,
) -> Result<HashSet<Key>, sqlx::Error> {
    let rows = sqlx::query!(
        "INSERT INTO sync.tombstones (connection_id, kind, external_id, buried_at)
         SELECT DISTINCT connection_id, $1, external_id, $2::timestamptz
         FROM unnest($3::uuid[], $4::text[]) AS gone (connection_id, external_id)
         ON CONFLICT DO NOTHING
         RETURNING connection_id, external_id",
        kind.as_str(),
        now,
        &keys.connections,
        &keys.external_ids,
    )
    .fetch_all(store)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (ConnectionId::from_uuid(row.connection_id), row.external_id))
        .collect())
}

/// Which of these records are buried.
pub(crate) async fn among(
    store: &mut PgConnection,
    kind: RecordKind,
    keys: &Keys,
) -> Result<HashSet<Key>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT tombstones.connection_id, tombstones.external_id
         FROM unnest($2::uuid[], $3::text[]) AS asked (connection_id, external_id)
         JOIN sync.tombstones USING (connection_id, external_id) WHERE kind = $1",
        kind.as_str(),
        &keys.connections,
        &keys.external_ids,
    )
    .fetch_all(store)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (ConnectionId::from_uuid(row.connection_id), row.external_id))
        .collect())
}
