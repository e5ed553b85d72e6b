//! Who works on a run. The owner is named in every write, so that one who lost the lease cannot write any more.

use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, OrganizationId, RunId};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{StoreError, runs::RunKind};
use crate::rules::{checkpoint::Checkpoint, counts::Counts};

/// A run that was claimed, and where it goes on.
#[derive(Clone, Debug)]
pub(crate) struct Claimed {
    pub(crate) run: RunId,
    pub(crate) connection: ConnectionId,
    pub(crate) organization: OrganizationId,
    pub(crate) kind: RunKind,
    /// The workspace's, as Intercom named it.
    pub(crate) timezone: String,
    /// When it began.
    pub(crate) bound_at: DateTime<Utc>,
    /// How far back conversations are read, where the connection has a wish.
    pub(crate) backfill_days: Option<i32>,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) counts: Counts,
    pub(crate) requests: i64,
    /// Whether somebody began it before.
    pub(crate) goes_on: bool,
}

/// Claims a run that is queued, or whose worker has gone silent. Times of leases are Postgres's own: workers may run on
/// machines whose clocks differ.
pub(crate) async fn claim(
    store: &mut PgConnection,
    owner: Uuid,
    lease_secs: f64,
    now: DateTime<Utc>,
) -> Result<Option<Claimed>, StoreError> {
    let row = sqlx::query!(
        r#"UPDATE sync.runs
           SET state = 'running', lease_owner = $1, lease_until = clock_timestamp() + make_interval(secs => $2),
               started_at = coalesce(started_at, $3), bound_at = coalesce(bound_at, started_at, $3)
           FROM sync.connections
           WHERE connections.connection_id = runs.connection_id AND run_id = (
               SELECT run_id FROM sync.runs
               WHERE state = 'queued'
                  OR (state = 'running' AND lease_owner IS DISTINCT FROM $1
                      AND coalesce(lease_until, '-infinity') < clock_timestamp())
               ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
           RETURNING run_id, runs.connection_id, organization_id, kind, timezone, bound_at AS "bound_at!",
                     (SELECT backfill_days FROM sync.settings WHERE settings.connection_id = runs.connection_id)
                         AS backfill_days,
                     checkpoint AS "checkpoint: Json<Checkpoint>", counts AS "counts: Json<Counts>", requests, started_at <> $3 AS "goes_on!""#,
        owner,
        lease_secs,
        now,
    )
    .fetch_optional(store)
    .await?;
    row.map(|row| {
        Ok(Claimed {
            run: RunId::from_uuid(row.run_id),
            connection: ConnectionId::from_uuid(row.connection_id),
            organization: OrganizationId::from_uuid(row.organization_id),
            kind: RunKind::parse(&row.kind)?,
            timezone: row.timezone,
            bound_at: row.bound_at,
            backfill_days: row.backfill_days,
            checkpoint: row.checkpoint.0,
            counts: row.counts.0,
            requests: row.requests,
            goes_on: row.goes_on,
        })
    })
    .transpose()
}

/// Prolongs a lease and shows what the run waits for; false if it was lost.
pub(crate) async fn renew(
    store: &mut PgConnection,
    run: RunId,
    owner: Uuid,
    lease_secs: f64,
    waits_for: &str,
    requests: i64,
) -> Result<bool, sqlx::Error> {
    let renewed = sqlx::query!(
        "UPDATE sync.runs SET lease_until = clock_timestamp() + make_interval(secs => $3), reason = $4, requests = $5
         WHERE run_id = $1 AND lease_owner = $2 AND state = 'running'",
        run.as_uuid(),
        owner,
        lease_secs,
        waits_for,
        requests,
    )
    .execute(store)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Gives a run back, so that somebody may claim it at once.
pub(crate) async fn release(
    store: &mut PgConnection,
    run: RunId,
    owner: Uuid,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE sync.runs SET lease_owner = NULL, lease_until = NULL
         WHERE run_id = $1 AND lease_owner = $2 AND state = 'running'",
        run.as_uuid(),
        owner,
    )
    .execute(store)
    .await?;
    Ok(())
}

/// How far a run is, to be saved together with what it wrote.
#[derive(Clone, Debug)]
pub(crate) struct Progress<'a> {
    pub(crate) checkpoint: &'a Checkpoint,
    pub(crate) counts: &'a Counts,
    pub(crate) requests: i64,
    pub(crate) rows_per_second: f64,
    pub(crate) eta_secs: Option<i64>,
    pub(crate) new_gaps: i64,
}

/// Saves how far a run is; false if the lease was lost, and then nothing of the transaction may stay.
pub(crate) async fn save(
    store: &mut PgConnection,
    run: RunId,
    owner: Uuid,
    progress: &Progress<'_>,
) -> Result<bool, sqlx::Error> {
    let saved = sqlx::query!(
        "UPDATE sync.runs
         SET checkpoint = $3, counts = $4, requests = $5, rows_per_second = $6, eta_secs = $7, gap_count = gap_count + $8
         WHERE run_id = $1 AND lease_owner = $2 AND state = 'running'",
        run.as_uuid(),
        owner,
        Json(progress.checkpoint) as _,
        Json(progress.counts) as _,
        progress.requests,
        progress.rows_per_second,
        progress.eta_secs,
        progress.new_gaps,
    )
    .execute(store)
    .await?;
    Ok(saved.rows_affected() == 1)
}
