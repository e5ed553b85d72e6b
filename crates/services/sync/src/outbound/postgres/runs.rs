use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, OrganizationId, RunId};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{Inconsistent, StoreError};
use crate::rules::{checkpoint::Checkpoint, counts::Counts, drift::DriftTally};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident in $column:literal { $($variant:ident => $word:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name {
            $($variant),+
        }

        impl $name {
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub(super) fn parse(word: &str) -> Result<Self, Inconsistent> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(Inconsistent { table: "runs", column: $column }),
                }
            }
        }
    )+};
}

words! {
    /// What a run reads.
    RunKind in "kind" {
        Full => "full",
        Incremental => "incremental",
    }

    /// Why a run began.
    Trigger in "trigger" {
        Connected => "connected",
        Requested => "requested",
        Scheduled => "scheduled",
        Silence => "silence",
    }

    /// Where a run stands.
    RunState in "state" {
        Queued => "queued",
        Running => "running",
        Paused => "paused",
        Complete => "complete",
        CompleteWithGaps => "complete_with_gaps",
        Failed => "failed",
    }
}

impl RunState {
    /// Whether nothing follows.
    pub(crate) const fn is_end(self) -> bool {
        matches!(self, Self::Complete | Self::CompleteWithGaps | Self::Failed)
    }
}

/// A run as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RunRow {
    pub(crate) run: RunId,
    pub(crate) connection: ConnectionId,
    pub(crate) kind: RunKind,
    pub(crate) trigger: Trigger,
    pub(crate) state: RunState,
    pub(crate) reason: String,
    pub(crate) counts: Counts,
    pub(crate) requests: i64,
    pub(crate) rows_per_second: f64,
    pub(crate) eta_secs: Option<i64>,
    pub(crate) gap_count: i64,
    pub(crate) drift: DriftTally,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) started_at: Option<DateTime<Utc>>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
}

struct Raw {
    run_id: Uuid,
    connection_id: Uuid,
    kind: String,
    trigger: String,
    state: String,
    reason: String,
    counts: Json<Counts>,
    requests: i64,
    rows_per_second: f64,
    eta_secs: Option<i64>,
    gap_count: i64,
    compared: i64,
    drift_missing: i64,
    drift_stale: i64,
    drift_gone: i64,
    drift_untold: i64,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
}

impl TryFrom<Raw> for RunRow {
    type Error = Inconsistent;

    fn try_from(raw: Raw) -> Result<Self, Inconsistent> {
        Ok(Self {
            run: RunId::from_uuid(raw.run_id),
            connection: ConnectionId::from_uuid(raw.connection_id),
            kind: RunKind::parse(&raw.kind)?,
            trigger: Trigger::parse(&raw.trigger)?,
            state: RunState::parse(&raw.state)?,
            reason: raw.reason,
            counts: raw.counts.0,
            requests: raw.requests,
            rows_per_second: raw.rows_per_second,
            eta_secs: raw.eta_secs,
            gap_count: raw.gap_count,
            drift: DriftTally {
                compared: raw.compared.unsigned_abs(),
                missing: raw.drift_missing.unsigned_abs(),
                stale: raw.drift_stale.unsigned_abs(),
                gone: raw.drift_gone.unsigned_abs(),
                untold: raw.drift_untold.unsigned_abs(),
            },
            created_at: raw.created_at,
            started_at: raw.started_at,
            ended_at: raw.ended_at,
        })
    }
}

/// A run that is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewRun {
    pub(crate) run: RunId,
    pub(crate) connection: ConnectionId,
    pub(crate) kind: RunKind,
    pub(crate) trigger: Trigger,
    /// Where it begins.
    pub(crate) checkpoint: Checkpoint,
    /// What it goes on with, if another got that far.
    pub(crate) counts: Counts,
    /// What changed after this is the next run's; none: it is when the run begins.
    pub(crate) bound_at: Option<DateTime<Utc>>,
}

/// Queues a run unless one is going on; whether it was queued. Of a connection that is paused it stands still at once.
pub(crate) async fn queue(
    store: &mut PgConnection,
    new: &NewRun,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let queued = sqlx::query!(
        "INSERT INTO sync.runs (run_id, connection_id, kind, trigger, state, checkpoint, counts, bound_at, created_at)
         VALUES ($1, $2, $3, $4,
                 CASE WHEN EXISTS (SELECT FROM sync.settings WHERE connection_id = $2 AND paused_at IS NOT NULL)
                      THEN 'paused' ELSE 'queued' END,
                 $5, $6, $7, $8)
         ON CONFLICT (connection_id) WHERE state IN ('queued', 'running', 'paused') DO NOTHING",
        new.run.as_uuid(),
        new.connection.as_uuid(),
        new.kind.as_str(),
        new.trigger.as_str(),
        Json(&new.checkpoint) as _,
        Json(&new.counts) as _,
        new.bound_at,
        now,
    )
    .execute(store)
    .await?;
    Ok(queued.rows_affected() == 1)
}

/// Ends a run that has not ended, whoever works on it; whether it had not.
pub(crate) async fn end(
    store: &mut PgConnection,
    run: RunId,
    state: RunState,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let ended = sqlx::query!(
        "UPDATE sync.runs SET state = $2, reason = $3, ended_at = $4, eta_secs = NULL, rows_per_second = 0,
                lease_owner = NULL, lease_until = NULL
         WHERE run_id = $1 AND state IN ('queued', 'running', 'paused')",
        run.as_uuid(),
        state.as_str(),
        reason,
        now,
    )
    .execute(store)
    .await?;
    Ok(ended.rows_affected() == 1)
}

/// The run of a connection that has not ended.
pub(crate) async fn going_on(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Option<RunId>, sqlx::Error> {
    let run = sqlx::query_scalar!(
        "SELECT run_id FROM sync.runs WHERE connection_id = $1 AND state IN ('queued', 'running', 'paused')",
        connection.as_uuid(),
    )
    .fetch_optional(store)
    .await?;
    Ok(run.map(RunId::from_uuid))
}

/// A run of an organization; none if it is unknown or another's.
pub(crate) async fn find(
    store: &mut PgConnection,
    organization: OrganizationId,
    run: RunId,
) -> Result<Option<RunRow>, StoreError> {
    let row = sqlx::query_as!(
        Raw,
        r#"SELECT run_id, connection_id, kind, trigger, runs.state, reason, counts AS "counts: Json<Counts>", requests,
                  rows_per_second, eta_secs, gap_count, compared, drift_missing, drift_stale,
                  drift_gone, drift_untold, created_at, started_at, ended_at
           FROM sync.runs JOIN sync.connections USING (connection_id)
           WHERE run_id = $1 AND organization_id = $2"#,
        run.as_uuid(),
        organization.as_uuid(),
    )
    .fetch_optional(store)
    .await?;
    Ok(row.map(RunRow::try_from).transpose()?)
}

/// Which runs are meant; all where nothing is set.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RunFilter {
    pub(crate) kind: Option<RunKind>,
    pub(crate) state: Option<RunState>,
    pub(crate) trigger: Option<Trigger>,
}

/// Runs of a connection before `before`, newest first.
pub(crate) async fn list(
    store: &mut PgConnection,
    connection: ConnectionId,
    filter: RunFilter,
    before: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<RunRow>, StoreError> {
    let (at, run) = before.unwrap_or_else(|| (latest(), Uuid::max()));
    let rows = sqlx::query_as!(
        Raw,
        r#"SELECT run_id, connection_id, kind, trigger, state, reason, counts AS "counts: Json<Counts>", requests,
                  rows_per_second, eta_secs, gap_count, compared, drift_missing, drift_stale,
                  drift_gone, drift_untold, created_at, started_at, ended_at
           FROM sync.runs
           WHERE connection_id = $1 AND (created_at, run_id) < ($2, $3)
             AND ($5::text IS NULL OR kind = $5) AND ($6::text IS NULL OR state = $6)
             AND ($7::text IS NULL OR trigger = $7)
           ORDER BY created_at DESC, run_id DESC LIMIT $4"#,
        connection.as_uuid(),
        at,
        run,
        limit,
        filter.kind.map(RunKind::as_str),
        filter.state.map(RunState::as_str),
        filter.trigger.map(Trigger::as_str),
    )
    .fetch_all(store)
    .await?;
    Ok(rows
        .into_iter()
        .map(RunRow::try_from)
        .collect::<Result<_, _>>()?)
}

/// The latest moment that Postgres holds and chrono writes.
fn latest() -> DateTime<Utc> {
    DateTime::from_timestamp(253_402_300_799, 0).unwrap_or_default()
}

/// How many such runs a connection has had.
pub(crate) async fn count(
    store: &mut PgConnection,
    connection: ConnectionId,
    filter: RunFilter,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM sync.runs
           WHERE connection_id = $1 AND ($2::text IS NULL OR kind = $2) AND ($3::text IS NULL OR state = $3)
             AND ($4::text IS NULL OR trigger = $4)"#,
        connection.as_uuid(),
        filter.kind.map(RunKind::as_str),
        filter.state.map(RunState::as_str),
        filter.trigger.map(Trigger::as_str),
    )
    .fetch_one(store)
    .await
}

/// The run that ended last, however it did.
pub(crate) async fn last_ended(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Option<RunRow>, StoreError> {
    let row = sqlx::query_as!(
        Raw,
        r#"SELECT run_id, connection_id, kind, trigger, state, reason, counts AS "counts: Json<Counts>", requests,
                  rows_per_second, eta_secs, gap_count, compared, drift_missing,
                  drift_stale, drift_gone, drift_untold, created_at, started_at, ended_at
           FROM sync.runs WHERE connection_id = $1 AND ended_at IS NOT NULL
           ORDER BY created_at DESC, run_id DESC LIMIT 1"#,
        connection.as_uuid(),
    )
    .fetch_optional(store)
    .await?;
    Ok(row.map(RunRow::try_from).transpose()?)
}

/// When the last run that got everything ended.
pub(crate) async fn last_complete_at(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT max(ended_at) FROM sync.runs WHERE connection_id = $1 AND state = 'complete'",
        connection.as_uuid(),
    )
    .fetch_one(store)
    .await
}

/// Up to when everything that changed has been read: the bound of the last run that got to its end. None before the first
/// full one did.
pub(crate) async fn covered_until(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT max(coalesce(bound_at, started_at)) FROM sync.runs
         WHERE connection_id = $1 AND state IN ('complete', 'complete_with_gaps')",
        connection.as_uuid(),
    )
    .fetch_one(store)
    .await
}

/// Has the run of a connection stand still where it is, if one goes on; which. Who works on it finds its lease gone.
pub(crate) async fn pause(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Option<RunId>, sqlx::Error> {
    let run = sqlx::query_scalar!(
        "UPDATE sync.runs
         SET state = 'paused', reason = '', rows_per_second = 0, eta_secs = NULL, lease_owner = NULL, lease_until = NULL
         WHERE connection_id = $1 AND state IN ('queued', 'running') RETURNING run_id",
        connection.as_uuid(),
    )
    .fetch_optional(store)
    .await?;
    Ok(run.map(RunId::from_uuid))
}

/// Has a run that stands still go on from where it is; which.
pub(crate) async fn resume(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Option<RunId>, sqlx::Error> {
    let run = sqlx::query_scalar!(
        "UPDATE sync.runs SET state = 'queued' WHERE connection_id = $1 AND state = 'paused' RETURNING run_id",
        connection.as_uuid(),
    )
    .fetch_optional(store)
    .await?;
    Ok(run.map(RunId::from_uuid))
}

/// Where the last full run got to that failed, if nothing came after it: its checkpoint, its numbers and its bound.
pub(crate) async fn broken_off(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Option<(Checkpoint, Counts, Option<DateTime<Utc>>)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT kind, state, checkpoint AS "checkpoint: Json<Checkpoint>", counts AS "counts: Json<Counts>",
                  coalesce(bound_at, started_at) AS bound_at
           FROM sync.runs WHERE connection_id = $1 ORDER BY created_at DESC, run_id DESC LIMIT 1"#,
        connection.as_uuid(),
    )
    .fetch_optional(store)
    .await?;
    Ok(row
        .filter(|row| row.kind == RunKind::Full.as_str() && row.state == RunState::Failed.as_str())
        .map(|row| (row.checkpoint.0, row.counts.0, row.bound_at)))
}
