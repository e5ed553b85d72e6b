//! What waits in the outbox, as metrics.

use sqlx::PgPool;

/// Counting stops here: more is simply much.
const MOST_COUNTED: i64 = 100_000;

/// Exports how many events wait and how long the oldest has.
pub(super) async fn export(pool: &PgPool, schema: &'static str) -> Result<(), sqlx::Error> {
    let (waiting, oldest_secs): (i64, f64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM (SELECT FROM outbox LIMIT $1) AS some),
                coalesce((SELECT extract(epoch FROM clock_timestamp() - created_at)::float8
                          FROM outbox ORDER BY sequence LIMIT 1), 0)",
    )
    .bind(MOST_COUNTED)
    .fetch_one(pool)
    .await?;
    let waiting = f64::from(u32::try_from(waiting).unwrap_or(u32::MAX));
    metrics::gauge!("harken_outbox_waiting", "schema" => schema).set(waiting);
    metrics::gauge!("harken_outbox_oldest_seconds", "schema" => schema).set(oldest_secs);
    Ok(())
}
