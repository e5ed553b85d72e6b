//! Scoring anew all who can change with time, beside the cheapest statements that touch the same rows.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use sqlx::PgConnection;

use crate::Measured;
use crate::big_import::Big;
use crate::measurement::{Measurement, Unit, grouped};
use crate::report::complain;
use crate::stores::postgres;
use crate::timing::Timing;

const POLL: Duration = Duration::from_millis(200);
/// The sweep looks every 30 seconds; one that has not come by then does not come.
const LONGEST: Duration = Duration::from_mins(5);
const READS: usize = 15;

/// What a score is computed from, and the score before.
const READ: &str = "
    SELECT count(*), sum(s.points), sum(g.resolution_secs), max(g.updated_at), max(c.last_seen_at)
    FROM scoring.scores AS s
    JOIN scoring.customers AS c
      ON (c.organization_id, c.customer_id) = (s.organization_id, s.customer_id)
    LEFT JOIN scoring.conversation_customers AS o
      ON (o.connection_id, o.customer_id) = (s.connection_id, s.customer_id)
    LEFT JOIN scoring.conversation_signals AS g
      ON (g.connection_id, g.conversation_id) = (o.connection_id, o.conversation_id)
    WHERE s.next_evaluation_at IS NOT NULL";

/// Also what makes them due.
const WRITE: &str = "UPDATE scoring.scores SET next_evaluation_at = '-infinity' WHERE next_evaluation_at IS NOT NULL";

pub(crate) async fn measure(big: &Big) -> Measured {
    complain("scoring: everybody whom time can move");
    let mut db = postgres(&big.house).await?;
    let db = &mut db;
    let mut reads = Vec::new();
    for _ in 0..READS {
        let begun = Instant::now();
        sqlx::query(READ).execute(&mut *db).await?;
        reads.push(begun.elapsed());
    }
    let read = Timing::from(reads).median_ms() / 1000.0;
    let begun = Instant::now();
    let due = sqlx::query(WRITE).execute(&mut *db).await?.rows_affected();
    let write = begun.elapsed().as_secs_f64();
    ensure!(due > 0, "nobody can be scored anew");
    swept(db).await?;
    let sweep = Sweep::read(db).await?;

    let rate = sweep.rate();
    let limit = due as f64 / (read + write);
    let mut said = Measurement::default();
    let beside = format!(
        "{} customers, in transactions of 1,000",
        grouped(due as f64)
    );
    said.say("evaluations, stored", rate, Unit::PerSec, beside);
    let beside = format!(
        "one SELECT over their rows {:.0} ms, one UPDATE {:.0} ms",
        read * 1000.0,
        write * 1000.0
    );
    said.say(
        "cheapest statements on the same rows",
        limit,
        Unit::PerSec,
        beside,
    );
    said.say("time of scoring to theirs", limit / rate, Unit::Times, "");
    Ok(said)
}

/// Waits until the sweep has scored all that are due.
async fn swept(db: &mut PgConnection) -> Result<()> {
    let since = Instant::now();
    loop {
        let left: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM scoring.scores WHERE next_evaluation_at = '-infinity'",
        )
        .fetch_one(&mut *db)
        .await?;
        if left == 0 {
            return Ok(());
        }
        if since.elapsed() > LONGEST {
            bail!("{left} customers still wait to be scored anew");
        }
        tokio::time::sleep(POLL).await;
    }
}

/// The last sweep, by the moments its transactions scored as of: each begins when the one before has ended.
struct Sweep {
    /// But those of the last transaction.
    customers: i64,
    secs: f64,
}

impl Sweep {
    async fn read(db: &mut PgConnection) -> Result<Self> {
        let (customers, secs): (i64, f64) = sqlx::query_as(
            "WITH swept AS (
                 SELECT as_of, max(as_of) OVER () AS last FROM scoring.scores
                 WHERE trigger = 'time_passed' AND as_of > now() - interval '10 minutes')
             SELECT count(*) FILTER (WHERE as_of < last), coalesce(extract(epoch FROM max(last) - min(as_of)), 0)::float8
             FROM swept",
        )
        .fetch_one(db)
        .await?;
        ensure!(
            secs > 0.0,
            "the sweep was one transaction: too few customers to tell its rate"
        );
        Ok(Self { customers, secs })
    }

    fn rate(&self) -> f64 {
        self.customers as f64 / self.secs
    }
}
