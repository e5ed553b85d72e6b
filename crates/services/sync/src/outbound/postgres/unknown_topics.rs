use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use harken_domain::ConnectionId;
use sqlx::PgConnection;

/// How often a topic without an effect came, and when last.
#[derive(Clone, Debug)]
pub(crate) struct UnknownTopic {
    pub(crate) topic: String,
    pub(crate) count: i64,
    pub(crate) last_received_at: DateTime<Utc>,
}

/// Most topics that are told apart; what comes beyond is counted under `other`.
const MOST: i64 = 200;

/// Counts topics without an effect.
pub(crate) async fn count(
    store: &mut PgConnection,
    topics: &BTreeMap<(ConnectionId, String), (i64, DateTime<Utc>)>,
) -> Result<(), sqlx::Error> {
    for ((connection, topic), (count, last)) in topics {
        sqlx::query!(
            "INSERT INTO sync.unknown_topics AS held (connection_id, topic, count, last_received_at)
             SELECT $1, CASE WHEN EXISTS (SELECT FROM sync.unknown_topics WHERE connection_id = $1 AND topic = $2)
                              OR (SELECT count(*) FROM sync.unknown_topics WHERE connection_id = $1) < $5
                        THEN $2 ELSE 'other' END, $3, $4
             ON CONFLICT (connection_id, topic) DO UPDATE
             SET count = held.count + excluded.count,
                 last_received_at = greatest(held.last_received_at, excluded.last_received_at)",
            connection.as_uuid(),
            topic,
            count,
            last,
            MOST,
        )
        .execute(&mut *store)
        .await?;
    }
    Ok(())
}

/// The topics without an effect that came, the most frequent first.
pub(crate) async fn list(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Vec<UnknownTopic>, sqlx::Error> {
    sqlx::query_as!(
        UnknownTopic,
        "SELECT topic, count, last_received_at FROM sync.unknown_topics
         WHERE connection_id = $1 ORDER BY count DESC, topic",
        connection.as_uuid(),
    )
    .fetch_all(store)
    .await
}
