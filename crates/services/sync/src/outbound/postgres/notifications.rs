//! What became of notifications: a trace of each for eight days, and numbers per hour.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use harken_domain::ConnectionId;
use sqlx::PgConnection;
use uuid::Uuid;

/// What became of a notification. The numbers are those of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Outcome {
    Applied = 1,
    Superseded = 2,
    Refetched = 3,
    Ignored = 4,
    UnknownTopic = 5,
    Dead = 6,
}

impl Outcome {
    pub(crate) const fn number(self) -> i16 {
        self as i16
    }

    /// The word in metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Superseded => "superseded",
            Self::Refetched => "refetched",
            Self::Ignored => "ignored",
            Self::UnknownTopic => "unknown_topic",
            Self::Dead => "dead",
        }
    }
}

/// What became of one.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    pub(crate) connection: ConnectionId,
    /// Intercom's id, empty where it sent none.
    pub(crate) notification_id: String,
    pub(crate) topic: String,
    pub(crate) outcome: Outcome,
    pub(crate) received_at: DateTime<Utc>,
}

/// Most characters of a topic that are kept.
const LONGEST_TOPIC: usize = 128;

/// Cuts text of Intercom's to what is kept of it.
pub(crate) fn shortened(text: &str) -> String {
    text.chars()
        .filter(|c| *c != '\0')
        .take(LONGEST_TOPIC)
        .collect()
}

/// Writes what became of notifications, `now`. What was dead may have been replayed since; else the first telling stays.
pub(crate) async fn record(
    store: &mut PgConnection,
    traces: &[Trace],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    if traces.is_empty() {
        return Ok(());
    }
    let named = || traces.iter().filter(|one| !one.notification_id.is_empty());
    let connections: Vec<Uuid> = named().map(|one| one.connection.as_uuid()).collect();
    let ids: Vec<&str> = named().map(|one| one.notification_id.as_str()).collect();
    let topics: Vec<&str> = named().map(|one| one.topic.as_str()).collect();
    let outcomes: Vec<i16> = named().map(|one| one.outcome.number()).collect();
    let received_at: Vec<DateTime<Utc>> = named().map(|one| one.received_at).collect();
    sqlx::query!(
        "INSERT INTO sync.notifications AS held
             (connection_id, notification_id, topic, outcome, received_at, applied_at)
         SELECT DISTINCT ON (connection_id, notification_id) *, $6::timestamptz
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::smallint[], $5::timestamptz[])
              AS rows (connection_id, notification_id, topic, outcome, received_at)
         ON CONFLICT (connection_id, notification_id) DO UPDATE
         SET outcome = excluded.outcome, applied_at = excluded.applied_at
         WHERE held.outcome = $7",
        &connections,
        &ids as &[&str],
        &topics as &[&str],
        &outcomes,
        &received_at,
        now,
        Outcome::Dead.number(),
    )
    .execute(&mut *store)
    .await?;
    count(store, traces, now).await
}

async fn count(
    store: &mut PgConnection,
    traces: &[Trace],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let mut counts: HashMap<(Uuid, i16), i64> = HashMap::new();
    for trace in traces {
        let key = (trace.connection.as_uuid(), trace.outcome.number());
        *counts.entry(key).or_default() += 1;
    }
    let connections: Vec<Uuid> = counts.keys().map(|(connection, _)| *connection).collect();
    let outcomes: Vec<i16> = counts.keys().map(|(_, outcome)| *outcome).collect();
    let numbers: Vec<i64> = counts.values().copied().collect();
    sqlx::query!(
        "INSERT INTO sync.notification_hours AS held (connection_id, hour, outcome, count, last_at)
         SELECT connection_id, date_trunc('hour', $4::timestamptz), outcome, count, $4
         FROM unnest($1::uuid[], $2::smallint[], $3::bigint[]) AS rows (connection_id, outcome, count)
         ON CONFLICT (connection_id, hour, outcome) DO UPDATE
         SET count = held.count + excluded.count, last_at = greatest(held.last_at, excluded.last_at)",
        &connections,
        &outcomes,
        &numbers,
        now,
    )
    .execute(store)
    .await?;
    Ok(())
}

/// What became of one, as it is read.
#[derive(Clone, Debug)]
pub(crate) struct TraceRow {
    pub(crate) notification_id: String,
    pub(crate) outcome: i16,
    pub(crate) received_at: DateTime<Utc>,
    pub(crate) applied_at: DateTime<Utc>,
}

/// What became of these notifications; those that have not arrived are missing.
pub(crate) async fn find(
    store: &mut PgConnection,
    connection: ConnectionId,
    ids: &[String],
) -> Result<Vec<TraceRow>, sqlx::Error> {
    sqlx::query_as!(
        TraceRow,
        "SELECT notification_id, outcome, received_at, applied_at FROM sync.notifications
         WHERE connection_id = $1 AND notification_id = ANY ($2)",
        connection.as_uuid(),
        ids,
    )
    .fetch_all(store)
    .await
}

/// How many notifications had one outcome.
#[derive(Clone, Debug)]
pub(crate) struct OutcomeRow {
    pub(crate) outcome: i16,
    pub(crate) count: i64,
}

/// Notifications since `since` by outcome.
pub(crate) async fn outcomes(
    store: &mut PgConnection,
    connection: ConnectionId,
    since: DateTime<Utc>,
) -> Result<Vec<OutcomeRow>, sqlx::Error> {
    sqlx::query_as!(
        OutcomeRow,
        r#"SELECT outcome, sum(count)::bigint AS "count!" FROM sync.notification_hours
           WHERE connection_id = $1 AND hour >= $2 GROUP BY outcome ORDER BY outcome"#,
        connection.as_uuid(),
        since,
    )
    .fetch_all(store)
    .await
}

/// When one last changed the mirror.
pub(crate) async fn last_applied_at(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT max(last_at) FROM sync.notification_hours WHERE connection_id = $1 AND outcome = 1",
        connection.as_uuid(),
    )
    .fetch_one(store)
    .await
}

/// Since when notifications have had an effect, to the hour; none if none ever had.
pub(crate) async fn heard_since(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT min(hour) FROM sync.notification_hours WHERE connection_id = $1 AND outcome IN (1, 2, 3)",
        connection.as_uuid(),
    )
    .fetch_one(store)
    .await
}

/// Forgets traces from before `before`, a bounded number at a time; answers how many. Numbers are kept ten times as long.
pub(crate) async fn forget(
    store: &mut PgConnection,
    before: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let traces = sqlx::query!(
        "DELETE FROM sync.notifications WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM sync.notifications WHERE applied_at < $1 ORDER BY applied_at LIMIT 5000))",
        before,
    )
    .execute(&mut *store)
    .await?;
    sqlx::query!(
        "DELETE FROM sync.notification_hours WHERE hour < now() - 10 * (now() - $1::timestamptz)",
        before,
    )
    .execute(store)
    .await?;
    Ok(traces.rows_affected())
}
