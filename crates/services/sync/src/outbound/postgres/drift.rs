//! What runs had to correct, kept with each run.

use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, RunId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::rules::drift::DriftTally;

/// Adds to what a run had to correct; false if the lease was lost, and then nothing of the transaction may stay.
pub(crate) async fn add(
    store: &mut PgConnection,
    run: RunId,
    owner: Uuid,
    tally: &DriftTally,
) -> Result<bool, sqlx::Error> {
    let added = sqlx::query!(
        "UPDATE sync.runs
         SET compared = compared + $3, drift_missing = drift_missing + $4, drift_stale = drift_stale + $5,
             drift_gone = drift_gone + $6, drift_untold = drift_untold + $7
         WHERE run_id = $1 AND lease_owner = $2 AND state = 'running'",
        run.as_uuid(),
        owner,
        whole(tally.compared),
        whole(tally.missing),
        whole(tally.stale),
        whole(tally.gone),
        whole(tally.untold),
    )
    .execute(store)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// What the runs of one day (UTC) had to correct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DriftDay {
    /// Its first second.
    pub(crate) day: DateTime<Utc>,
    pub(crate) tally: DriftTally,
}

/// What the runs that began since `since` had to correct, by the day of their beginning, oldest first.
pub(crate) async fn by_day(
    store: &mut PgConnection,
    connection: ConnectionId,
    since: DateTime<Utc>,
) -> Result<Vec<DriftDay>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT date_trunc('day', created_at, 'UTC') AS "day!", sum(compared)::bigint AS "compared!",
                  sum(drift_missing)::bigint AS "missing!", sum(drift_stale)::bigint AS "stale!",
                  sum(drift_gone)::bigint AS "gone!", sum(drift_untold)::bigint AS "untold!"
           FROM sync.runs WHERE connection_id = $1 AND created_at >= $2
           GROUP BY 1 ORDER BY 1"#,
        connection.as_uuid(),
        since,
    )
    .fetch_all(store)
    .await?;
    let days = rows.into_iter().map(|row| DriftDay {
        day: row.day,
        tally: DriftTally {
            compared: row.compared.unsigned_abs(),
            missing: row.missing.unsigned_abs(),
            stale: row.stale.unsigned_abs(),
            gone: row.gone.unsigned_abs(),
            untold: row.untold.unsigned_abs(),
        },
    });
    Ok(days.collect())
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
