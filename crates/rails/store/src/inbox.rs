//! Messages that had their effect. The table exists in every service's schema, so it is named without one and found by
//! the search path; for the same reason the queries are not checked at build time.

use std::collections::HashSet;

use chrono::TimeDelta;
use sqlx::PgConnection;

/// Claims messages in the transaction of their effect: for each, whether this is the first time. A message that stands
/// twice in `message_ids` is first once.
pub async fn claim(
    connection: &mut PgConnection,
    consumer: &str,
    message_ids: &[String],
) -> Result<Vec<bool>, sqlx::Error> {
    // In order of id, so that two transactions that claim the same messages wait for each other in turn.
    let claimed: Vec<String> = sqlx::query_scalar(
        "INSERT INTO inbox (consumer, message_id)
         SELECT $1, id FROM unnest($2::text[]) AS ids (id) ORDER BY id
         ON CONFLICT DO NOTHING
         RETURNING message_id",
    )
    .bind(consumer)
    .bind(message_ids)
    .fetch_all(connection)
    .await?;
    let mut first: HashSet<&str> = claimed.iter().map(String::as_str).collect();
    Ok(message_ids
        .iter()
        .map(|id| first.remove(id.as_str()))
        .collect())
}

/// Claims one message; whether this is the first time.
pub async fn claim_one(
    connection: &mut PgConnection,
    consumer: &str,
    message_id: &str,
) -> Result<bool, sqlx::Error> {
    let claimed = sqlx::query(
        "INSERT INTO inbox (consumer, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    )
    .bind(consumer)
    .bind(message_id)
    .execute(connection)
    .await?;
    Ok(claimed.rows_affected() == 1)
}

/// Forgets claims older than `age`, a bounded number at a time; answers how many.
pub async fn forget(connection: &mut PgConnection, age: TimeDelta) -> Result<u64, sqlx::Error> {
    let forgotten = sqlx::query(
        "DELETE FROM inbox WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM inbox
             WHERE claimed_at < now() - make_interval(secs => $1)
             ORDER BY claimed_at LIMIT 5000))",
    )
    .bind(age.as_seconds_f64())
    .execute(connection)
    .await?;
    Ok(forgotten.rows_affected())
}
