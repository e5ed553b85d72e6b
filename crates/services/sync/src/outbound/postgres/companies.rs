use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, Revision, RunId};
use sqlx::PgConnection;

use crate::rules::{CompanyRecord, Fingerprint, fingerprint};

/// Writes companies; for each, its new revision if it is new or different. One company stands once among `records`.
pub(crate) async fn upsert(
    store: &mut PgConnection,
    connection: ConnectionId,
    run: RunId,
    records: &[CompanyRecord],
    now: DateTime<Utc>,
) -> Result<Vec<Option<Revision>>, sqlx::Error> {
    let each = || records.iter();
    let external_ids: Vec<&str> = each().map(|record| record.external_id.as_str()).collect();
    let names: Vec<Option<&str>> = each().map(|record| record.name.as_deref()).collect();
    let plans: Vec<Option<&str>> = each().map(|record| record.plan.as_deref()).collect();
    let spends: Vec<Option<f64>> = each().map(|record| record.monthly_spend).collect();
    let sizes: Vec<Option<i64>> = each().map(|record| record.size).collect();
    let created_at: Vec<Option<DateTime<Utc>>> = each().map(|record| record.created_at).collect();
    let hashes: Vec<Fingerprint> = each().map(fingerprint).collect();
    let changed = sqlx::query!(
        "INSERT INTO sync.companies AS held
             (connection_id, external_id, name, plan, monthly_spend, size, created_at, content_hash, changed_by, mirrored_at)
         SELECT $1, external_id, name, plan, monthly_spend, size, created_at, content_hash, $2, $3
         FROM unnest($4::text[], $5::text[], $6::text[], $7::float8[], $8::bigint[], $9::timestamptz[], $10::bytea[])
              AS rows (external_id, name, plan, monthly_spend, size, created_at, content_hash)
         ORDER BY external_id
         ON CONFLICT (connection_id, external_id) DO UPDATE
         SET name = excluded.name, plan = excluded.plan, monthly_spend = excluded.monthly_spend, size = excluded.size,
             created_at = excluded.created_at, content_hash = excluded.content_hash, changed_by = excluded.changed_by,
             revision = nextval('sync.revisions'), mirrored_at = excluded.mirrored_at
         WHERE held.content_hash <> excluded.content_hash
         RETURNING external_id, revision",
        connection.as_uuid(),
        run.as_uuid(),
        now,
        &external_ids as &[&str],
        &names as &[Option<&str>],
        &plans as &[Option<&str>],
        &spends as &[Option<f64>],
        &sizes as &[Option<i64>],
        &created_at as &[Option<DateTime<Utc>>],
        &hashes as &[Fingerprint],
    )
    .fetch_all(store)
    .await?;
    let changed: std::collections::HashMap<String, i64> = changed
        .into_iter()
        .map(|row| (row.external_id, row.revision))
        .collect();
    Ok(external_ids
        .iter()
        .map(|id| changed.get(*id).copied().map(Revision))
        .collect())
}

/// How many of these companies this run has changed, now or in an earlier generation of its scroll.
pub(crate) async fn changed_by(
    store: &mut PgConnection,
    connection: ConnectionId,
    run: RunId,
    external_ids: &[&str],
) -> Result<usize, sqlx::Error> {
    let changed = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM sync.companies
           WHERE connection_id = $1 AND changed_by = $2 AND external_id = ANY ($3)"#,
        connection.as_uuid(),
        run.as_uuid(),
        external_ids as &[&str],
    )
    .fetch_one(store)
    .await?;
    Ok(usize::try_from(changed).unwrap_or(0))
}
