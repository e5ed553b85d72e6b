use chrono::{DateTime, Utc};
use harken_domain::ConnectionId;
use sqlx::{Error, PgConnection};

/// Most rows and bytes that are read at once.
const READ_ROWS: i64 = 256;
const READ_BYTES: i64 = 8 << 20;

/// A message as it will be published.
#[derive(Debug)]
pub(crate) struct Spooled {
    pub(crate) message_id: String,
    pub(crate) connection: ConnectionId,
    pub(crate) message: Vec<u8>,
    pub(crate) since: DateTime<Utc>,
}

/// A message that waits.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) spool_id: i64,
    pub(crate) message_id: String,
    pub(crate) message: Vec<u8>,
}

/// Keeps messages, all or none, but those of connections of which nothing is kept any more.
pub(crate) async fn keep(postgres: &mut PgConnection, rows: Vec<Spooled>) -> Result<(), Error> {
    let (mut ids, mut connections) = (Vec::new(), Vec::new());
    let (mut messages, mut moments) = (Vec::new(), Vec::new());
    for row in rows {
        ids.push(row.message_id);
        connections.push(row.connection.as_uuid());
        messages.push(row.message);
        moments.push(row.since);
    }
    sqlx::query!(
        "INSERT INTO ingress.spool (message_id, connection_id, message, spooled_at)
         SELECT * FROM UNNEST($1::text[], $2::uuid[], $3::bytea[], $4::timestamptz[])
             AS rows (message_id, connection_id, message, spooled_at)
         WHERE NOT EXISTS (SELECT FROM ingress.erasures AS e WHERE e.connection_id = rows.connection_id)",
        &ids,
        &connections,
        &messages,
        &moments,
    )
    .execute(postgres)
    .await
    .map(drop)
}

/// The oldest messages that wait and that nobody else is publishing; they are locked until the transaction ends.
pub(crate) async fn oldest(postgres: &mut PgConnection) -> Result<Vec<Waiting>, Error> {
    sqlx::query_as!(
        Waiting,
        r#"SELECT spool_id, message_id, message FROM ingress.spool
           WHERE spool_id IN (
               SELECT spool_id FROM (
                   SELECT spool_id, sum(octet_length(message)) OVER (ORDER BY spool_id) - octet_length(message) AS before
                   FROM (
                       SELECT spool_id, message FROM ingress.spool
                       WHERE set_aside_at IS NULL ORDER BY spool_id LIMIT $1
                   ) AS head
               ) AS sized
               WHERE before < $2
           )
           ORDER BY spool_id
           FOR UPDATE SKIP LOCKED"#,
        READ_ROWS,
        READ_BYTES,
    )
    .fetch_all(postgres)
    .await
}

/// Lets messages go that the bus has.
pub(crate) async fn remove(postgres: &mut PgConnection, spool_ids: &[i64]) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM ingress.spool WHERE spool_id = ANY($1)",
        spool_ids
    )
    .execute(postgres)
    .await
    .map(drop)
}

/// Leaves messages where they are that the bus will never take, so that they hold up no other.
pub(crate) async fn set_aside(
    postgres: &mut PgConnection,
    spool_ids: &[i64],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE ingress.spool SET set_aside_at = $2 WHERE spool_id = ANY($1)",
        spool_ids,
        now,
    )
    .execute(postgres)
    .await
    .map(drop)
}

/// How many wait.
pub(crate) async fn count(postgres: &mut PgConnection) -> Result<u64, Error> {
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM ingress.spool"#)
        .fetch_one(postgres)
        .await?;
    Ok(u64::try_from(count).unwrap_or_default())
}
