use std::collections::HashMap;

use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, Revision, RunId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Key, Keys, StoreError, fingerprint_of};
use crate::rules::{
    CompanyRecord, Fingerprint,
    fold::{Origin, Version, WholeSight},
};

/// How new what the mirror holds of these companies is.
pub(crate) async fn held(
    store: &mut PgConnection,
    keys: &Keys,
) -> Result<HashMap<Key, Version>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT companies.connection_id, companies.external_id, coalesce(updated_at, mirrored_at) AS "updated_at!", origin, told_at,
                  content_hash
           FROM unnest($1::uuid[], $2::text[]) AS asked (connection_id, external_id)
           JOIN sync.companies USING (connection_id, external_id)"#,
        &keys.connections,
        &keys.external_ids,
    )
    .fetch_all(store)
    .await?;
    rows.into_iter()
        .map(|row| {
            let version = Version::new(
                Some(row.updated_at),
                0,
                (Origin::numbered(row.origin), row.told_at),
                fingerprint_of(&row.content_hash, "companies")?,
            );
            Ok((
                (ConnectionId::from_uuid(row.connection_id), row.external_id),
                version,
            ))
        })
        .collect()
}

/// Writes companies; answers the revision of each. One company stands once among the rows. `changed_by` is the run that
/// read them, or nil.
pub(crate) async fn write(
    store: &mut PgConnection,
    rows: &[(ConnectionId, &WholeSight<CompanyRecord>, bool)],
    changed_by: Uuid,
    now: DateTime<Utc>,
) -> Result<HashMap<Key, Revision>, sqlx::Error> {
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let each = || rows.iter().map(|(_, sight, _)| &sight.record);
    let version = || rows.iter().map(|(_, sight, _)| &sight.version);
    let connections: Vec<Uuid> = rows.iter().map(|(id, ..)| id.as_uuid()).collect();
    let external_ids: Vec<&str> = each().map(|record| record.external_id.as_str()).collect();
    let names: Vec<Option<&str>> = each().map(|record| record.name.as_deref()).collect();
    let plans: Vec<Option<&str>> = each().map(|record| record.plan.as_deref()).collect();
    let spends: Vec<Option<f64>> = each().map(|record| record.monthly_spend).collect();
    let sizes: Vec<Option<i64>> = each().map(|record| record.size).collect();
    let created_at: Vec<Option<DateTime<Utc>>> = each().map(|record| record.created_at).collect();
    let hashes: Vec<Fingerprint> = version().map(|version| version.hash).collect();
    let updated_at: Vec<DateTime<Utc>> = version().map(|version| version.updated_at).collect();
    let origins: Vec<i16> = version().map(|version| version.origin.number()).collect();
    let told_at: Vec<DateTime<Utc>> = version().map(|version| version.told_at).collect();
    let news: Vec<bool> = rows.iter().map(|(.., is_news)| *is_news).collect();
    let extras: Vec<Option<&str>> = each().map(|record| record.extra.json()).collect();
    let extra_keys: Vec<Option<&[u8]>> = each().map(|record| record.extra.key()).collect();
    let written = sqlx::query!(
        "INSERT INTO sync.companies AS held
             (connection_id, external_id, name, plan, monthly_spend, size, created_at, content_hash, updated_at, origin,
              told_at, changed_by, mirrored_at, extra, extra_key, revision)
         SELECT connection_id, external_id, name, plan, monthly_spend, size, created_at, content_hash, updated_at, origin,
                told_at, $1, $2, extra::jsonb, extra_key, CASE WHEN is_news THEN nextval('sync.revisions') ELSE 0 END
         FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::bigint[], $9::timestamptz[],
                     $10::bytea[], $11::timestamptz[], $12::smallint[], $13::timestamptz[], $14::bool[],
                     $15::text[], $16::bytea[])
              AS rows (connection_id, external_id, name, plan, monthly_spend, size, created_at, content_hash, updated_at,
                       origin, told_at, is_news, extra, extra_key)
         ON CONFLICT (connection_id, external_id) DO UPDATE
         SET name = excluded.name, plan = excluded.plan, monthly_spend = excluded.monthly_spend, size = excluded.size,
             created_at = excluded.created_at, content_hash = excluded.content_hash, updated_at = excluded.updated_at,
             origin = excluded.origin, told_at = excluded.told_at, mirrored_at = excluded.mirrored_at,
             extra = CASE WHEN excluded.extra_key > coalesce(held.extra_key, '') THEN excluded.extra ELSE held.extra END,
             extra_key = greatest(excluded.extra_key, held.extra_key),
             changed_by = CASE WHEN excluded.revision = 0 THEN held.changed_by ELSE excluded.changed_by END,
             revision = CASE WHEN excluded.revision = 0 THEN held.revision ELSE excluded.revision END
         RETURNING connection_id, external_id, revision",
        changed_by,
        now,
        &connections,
        &external_ids as &[&str],
        &names as &[Option<&str>],
        &plans as &[Option<&str>],
        &spends as &[Option<f64>],
        &sizes as &[Option<i64>],
        &created_at as &[Option<DateTime<Utc>>],
        &hashes as &[Fingerprint],
        &updated_at,
        &origins,
        &told_at,
        &news,
        &extras as &[Option<&str>],
        &extra_keys as &[Option<&[u8]>],
    )
    .fetch_all(store)
    .await?;
    Ok(written
        .into_iter()
        .map(|row| {
            let key = (ConnectionId::from_uuid(row.connection_id), row.external_id);
            (key, Revision(row.revision))
        })
        .collect())
}

/// Erases companies; answers those that were held.
pub(crate) async fn erase(store: &mut PgConnection, keys: &Keys) -> Result<Vec<Key>, sqlx::Error> {
    let rows = sqlx::query!(
        "DELETE FROM sync.companies USING unnest($1::uuid[], $2::text[]) AS gone (connection_id, external_id)
         WHERE companies.connection_id = gone.connection_id AND companies.external_id = gone.external_id
         RETURNING companies.connection_id, companies.external_id",
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

/// Companies that nobody has told of since a moment, at most 10,000 of them.
pub(crate) async fn untold_since(
    store: &mut PgConnection,
    connection: ConnectionId,
    moment: DateTime<Utc>,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT external_id FROM sync.companies WHERE connection_id = $1 AND told_at < $2 LIMIT 10000",
        connection.as_uuid(),
        moment,
    )
    .fetch_all(store)
    .await
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
