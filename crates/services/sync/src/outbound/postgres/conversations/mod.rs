mod held;
mod write;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use harken_domain::ConnectionId;
use sqlx::PgConnection;

use super::{Key, Keys};
use crate::rules::fold::{LastRead, Origin};

pub(crate) use held::{Held, held};
pub(crate) use write::{Row, write};

/// Conversations in which one of these contacts takes part. They are found contact by contact (hence `OFFSET 0`): all at once,
/// or by the connection, Postgres reads the whole mirror. It is planned each time, for the mirror as large as it is.
pub(crate) async fn naming(
    store: &mut PgConnection,
    connection: ConnectionId,
    contacts: &[String],
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT DISTINCT named.external_id AS "external_id!"
           FROM unnest($2::text[]) AS contacts (id)
           CROSS JOIN LATERAL (SELECT connection_id, external_id FROM sync.conversations
                               WHERE contact_external_ids @> ARRAY[contacts.id] OFFSET 0) AS named
           WHERE named.connection_id = $1"#,
        connection.as_uuid(),
        contacts,
    )
    .persistent(false)
    .fetch_all(store)
    .await
}

/// Erases conversations with their parts; answers those that were held.
pub(crate) async fn erase(store: &mut PgConnection, keys: &Keys) -> Result<Vec<Key>, sqlx::Error> {
    sqlx::query!(
        "DELETE FROM sync.parts USING unnest($1::uuid[], $2::text[]) AS gone (connection_id, external_id)
         WHERE parts.connection_id = gone.connection_id AND parts.conversation_external_id = gone.external_id",
        &keys.connections,
        &keys.external_ids,
    )
    .execute(&mut *store)
    .await?;
    let rows = sqlx::query!(
        "DELETE FROM sync.conversations USING unnest($1::uuid[], $2::text[]) AS gone (connection_id, external_id)
         WHERE conversations.connection_id = gone.connection_id AND conversations.external_id = gone.external_id
         RETURNING conversations.connection_id, conversations.external_id",
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

/// Which of these conversations the mirror holds.
pub(crate) async fn held_among(
    store: &mut PgConnection,
    connection: ConnectionId,
    external_ids: &[&str],
) -> Result<HashSet<String>, sqlx::Error> {
    let held = sqlx::query_scalar!(
        "SELECT external_id FROM sync.conversations
         WHERE connection_id = $1 AND external_id = ANY ($2)",
        connection.as_uuid(),
        external_ids as &[&str],
    )
    .fetch_all(store)
    .await?;
    Ok(held.into_iter().collect())
}

/// How these conversations stood when they were last read whole; those of which a notification has told more since are
/// missing, as are those that never were.
pub(crate) async fn last_read(
    store: &mut PgConnection,
    connection: ConnectionId,
    external_ids: &[&str],
) -> Result<HashMap<String, LastRead>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT external_id, fetched_updated_at AS "fetched_updated_at!", told_at FROM sync.conversations
           WHERE connection_id = $1 AND external_id = ANY ($2) AND fetched_updated_at IS NOT NULL AND origin = $3"#,
        connection.as_uuid(),
        external_ids as &[&str],
        Origin::Fetched.number(),
    )
    .fetch_all(store)
    .await?;
    let rows = rows.into_iter().map(|row| {
        let read = LastRead {
            updated_at: row.fetched_updated_at,
            told_at: row.told_at,
        };
        (row.external_id, read)
    });
    Ok(rows.collect())
}

/// Conversations that the mirror takes to be open or snoozed, last changed from `from` to before `until`, but for these.
pub(crate) async fn open_but_for(
    store: &mut PgConnection,
    connection: ConnectionId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    listed: &[&str],
    most: i64,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT external_id FROM sync.conversations
         WHERE connection_id = $1 AND status <> 'closed' AND updated_at >= $2 AND updated_at < $3
           AND external_id <> ALL ($4)
         ORDER BY updated_at LIMIT $5",
        connection.as_uuid(),
        from,
        until,
        listed as &[&str],
        most,
    )
    .fetch_all(store)
    .await
}
