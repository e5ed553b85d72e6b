//! Records that were asked for in vain.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use harken_contracts::subjects::RecordKind;
use harken_domain::ConnectionId;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Keys,
    repairs::{RepairKind, Wanted},
};
use crate::rules::lacking::Lack;

/// A record that was asked for in vain.
#[derive(Clone, Debug)]
pub(crate) struct Vain {
    pub(crate) connection: ConnectionId,
    pub(crate) kind: RecordKind,
    pub(crate) external_id: String,
    pub(crate) lack: Lack,
    pub(crate) detail: String,
    pub(crate) request_id: Option<String>,
}

/// Notes what was asked for in vain, over what was noted of it before.
pub(crate) async fn note(
    store: &mut PgConnection,
    vain: &[Vain],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    if vain.is_empty() {
        return Ok(());
    }
    let each = || vain.iter();
    let connections: Vec<Uuid> = each().map(|one| one.connection.as_uuid()).collect();
    let kinds: Vec<&str> = each().map(|one| one.kind.as_str()).collect();
    let ids: Vec<&str> = each().map(|one| one.external_id.as_str()).collect();
    let reasons: Vec<&str> = each().map(|one| one.lack.as_str()).collect();
    let details: Vec<&str> = each().map(|one| one.detail.as_str()).collect();
    let requests: Vec<&str> = each()
        .map(|one| one.request_id.as_deref().unwrap_or(""))
        .collect();
    sqlx::query!(
        "INSERT INTO sync.lacks (connection_id, kind, external_id, reason, detail, intercom_request_id, noted_at)
         SELECT DISTINCT ON (connection_id, kind, external_id)
                connection_id, kind, external_id, reason, detail, request, $7::timestamptz
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
              AS rows (connection_id, kind, external_id, reason, detail, request)
         ORDER BY connection_id, kind, external_id
         ON CONFLICT (connection_id, kind, external_id) DO UPDATE
         SET reason = excluded.reason, detail = excluded.detail, intercom_request_id = excluded.intercom_request_id,
             noted_at = excluded.noted_at",
        &connections,
        &kinds as &[&str],
        &ids as &[&str],
        &reasons as &[&str],
        &details as &[&str],
        &requests as &[&str],
        now,
    )
    .execute(store)
    .await?;
    Ok(())
}

/// These records were read, or are gone: nothing of them is lacking.
pub(crate) async fn heal(
    store: &mut PgConnection,
    kind: RecordKind,
    keys: &Keys,
) -> Result<(), sqlx::Error> {
    if keys.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "DELETE FROM sync.lacks USING unnest($2::uuid[], $3::text[]) AS healed (connection_id, external_id)
         WHERE lacks.connection_id = healed.connection_id AND kind = $1 AND lacks.external_id = healed.external_id",
        kind.as_str(),
        &keys.connections,
        &keys.external_ids,
    )
    .execute(store)
    .await?;
    Ok(())
}

/// What was asked for in vain before a moment, and not since, to be asked for once more.
pub(crate) async fn noted_before(
    store: &mut PgConnection,
    connection: ConnectionId,
    moment: DateTime<Utc>,
) -> Result<BTreeSet<Wanted>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT kind, external_id FROM sync.lacks WHERE connection_id = $1 AND noted_at < $2 LIMIT 10000",
        connection.as_uuid(),
        moment,
    )
    .fetch_all(store)
    .await?;
    let wanted = rows.into_iter().filter_map(|row| {
        Some(Wanted {
            connection,
            kind: RepairKind::parse(&row.kind).ok()?,
            external_id: row.external_id,
        })
    });
    Ok(wanted.collect())
}
