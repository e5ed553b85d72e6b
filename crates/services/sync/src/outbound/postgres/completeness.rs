//! How much of what Intercom counts is held, and what is lacking.

use chrono::{DateTime, Utc};
use harken_domain::ConnectionId;
use sqlx::PgConnection;

use super::{Inconsistent, StoreError};
use crate::rules::lacking::Lack;

/// Asks about the records of the connection `$1` that lack something. What was asked for in vain says why by itself; a
/// conversation lacks parts if Intercom gave a tail of them and fewer are held than it counts, and waits as long as only
/// notifications told of it; and whatever waits for a repair is not known to be whole. Nothing ever comes for a synthetic
/// connection.
macro_rules! incomplete {
    ($tail:literal $(, $value:expr)* $(,)?) => {
        sqlx::query!(
            "WITH incomplete AS (
                 SELECT kind, external_id, reason, detail, intercom_request_id, noted_at AS at
                 FROM sync.lacks WHERE connection_id = $1
                 UNION ALL
                 SELECT 'conversation', external_id,
                        CASE WHEN fetched_updated_at IS NULL AND head_hash IS NOT NULL THEN 'waiting' ELSE 'truncated' END,
                        '', '', updated_at
                 FROM sync.conversations AS held
                 WHERE connection_id = $1 AND NOT parts_complete AND customer_ids <> '{}'
                   AND ((fetched_updated_at IS NULL AND head_hash IS NOT NULL)
                        OR parts_counted IS NULL OR parts_held <= parts_counted)
                   AND NOT EXISTS (SELECT FROM sync.lacks WHERE lacks.connection_id = held.connection_id
                                   AND lacks.kind = 'conversation' AND lacks.external_id = held.external_id)
                 UNION ALL
                 SELECT kind, external_id, 'waiting', '', '', 'epoch'
                 FROM sync.repairs
                 WHERE connection_id = $1 AND kind NOT IN ('merge_history', 'conversations_of')
                   AND NOT EXISTS (SELECT FROM sync.lacks WHERE lacks.connection_id = repairs.connection_id
                                   AND lacks.kind = repairs.kind AND lacks.external_id = repairs.external_id)
                   AND NOT EXISTS (SELECT FROM sync.conversations AS held
                                   WHERE repairs.kind = 'conversation' AND held.connection_id = repairs.connection_id
                                     AND held.external_id = repairs.external_id AND NOT parts_complete
                                     AND customer_ids <> '{}'
                                     AND ((fetched_updated_at IS NULL AND head_hash IS NOT NULL)
                                          OR parts_counted IS NULL OR parts_held <= parts_counted))
             ), shown AS (
                 SELECT * FROM incomplete
                 WHERE NOT EXISTS (SELECT FROM sync.connections WHERE connection_id = $1 AND is_synthetic)
             ) " + $tail
            $(, $value)*
        )
    };
}

/// A record that lacks something.
#[derive(Clone, Debug)]
pub(crate) struct Incomplete {
    pub(crate) kind: String,
    pub(crate) external_id: String,
    pub(crate) lack: Lack,
    pub(crate) detail: String,
    pub(crate) request_id: String,
    /// Its place in the list: when it changed last, or when it was noted.
    pub(crate) at: DateTime<Utc>,
    pub(crate) is_held: bool,
    pub(crate) parts_held: Option<i32>,
    pub(crate) parts_counted: Option<i32>,
    pub(crate) updated_at: Option<DateTime<Utc>>,
}

/// Which of them are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filter<'a> {
    pub(crate) lack: Option<Lack>,
    /// What the id begins with.
    pub(crate) prefix: &'a str,
}

/// Where a list goes on: moment, kind and id of the last record.
pub(crate) type Position = (DateTime<Utc>, String, String);

/// Records that lack something, last changed first, after a position.
pub(crate) async fn list(
    store: &mut PgConnection,
    connection: ConnectionId,
    filter: Filter<'_>,
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<Incomplete>, StoreError> {
    let (at, kind, external_id) = after.map_or((None, None, None), |(at, kind, external_id)| {
        (Some(at), Some(kind), Some(external_id))
    });
    let rows = incomplete!(
        r#"SELECT shown.kind AS "kind!", shown.external_id AS "external_id!", reason AS "reason!", detail AS "detail!",
                      intercom_request_id AS "request_id!", at AS "at!",
                      coalesce(conversations.external_id, contacts.external_id, companies.external_id) IS NOT NULL
                          AS "is_held!",
                      parts_held AS "parts_held?", parts_counted AS "parts_counted?",
                      coalesce(conversations.updated_at, contacts.updated_at, companies.updated_at) AS "updated_at?"
               FROM shown
               LEFT JOIN sync.conversations ON shown.kind = 'conversation' AND conversations.connection_id = $1
                                           AND conversations.external_id = shown.external_id
               LEFT JOIN sync.contacts ON shown.kind = 'contact' AND contacts.connection_id = $1
                                      AND contacts.external_id = shown.external_id
               LEFT JOIN sync.companies ON shown.kind = 'company' AND companies.connection_id = $1
                                       AND companies.external_id = shown.external_id
               WHERE ($2::text IS NULL OR reason = $2) AND starts_with(shown.external_id, $3)
                 AND ($4::timestamptz IS NULL OR (at, shown.kind, shown.external_id) < ($4, $5::text, $6::text))
               ORDER BY at DESC, shown.kind DESC, shown.external_id DESC LIMIT $7"#,
        connection.as_uuid(),
        filter.lack.map(Lack::as_str),
        filter.prefix,
        at,
        kind,
        external_id,
        limit,
    )
    .fetch_all(store)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Incomplete {
                lack: lack(&row.reason)?,
                kind: row.kind,
                external_id: row.external_id,
                detail: row.detail,
                request_id: row.request_id,
                at: row.at,
                is_held: row.is_held,
                parts_held: row.parts_held,
                parts_counted: row.parts_counted,
                updated_at: row.updated_at,
            })
        })
        .collect()
}

/// How many lack something for each reason, most first; and how many of those are conversations that are held.
pub(crate) async fn counts(
    store: &mut PgConnection,
    connection: ConnectionId,
    filter: Filter<'_>,
) -> Result<Vec<(Lack, i64, i64)>, StoreError> {
    let rows = incomplete!(
        r#"SELECT reason AS "reason!", count(*) AS "count!",
                      count(conversations.external_id) AS "held_conversations!"
               FROM shown
               LEFT JOIN sync.conversations ON shown.kind = 'conversation' AND conversations.connection_id = $1
                                           AND conversations.external_id = shown.external_id AND customer_ids <> '{}'
               WHERE ($2::text IS NULL OR reason = $2) AND starts_with(shown.external_id, $3)
               GROUP BY reason ORDER BY count(*) DESC, reason"#,
        connection.as_uuid(),
        filter.lack.map(Lack::as_str),
        filter.prefix,
    )
    .fetch_all(store)
    .await?;
    rows.into_iter()
        .map(|row| Ok((lack(&row.reason)?, row.count, row.held_conversations)))
        .collect()
}

/// Conversations and parts held, and the parts that Intercom counts in them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Amounts {
    pub(crate) conversations: i64,
    pub(crate) parts_held: i64,
    pub(crate) parts_counted: i64,
    /// When a run last held conversations against Intercom.
    pub(crate) checked_at: Option<DateTime<Utc>>,
}

/// How much is held.
pub(crate) async fn held(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Amounts, sqlx::Error> {
    sqlx::query_as!(
        Amounts,
        r#"SELECT count(*) AS "conversations!", coalesce(sum(parts_held), 0)::bigint AS "parts_held!",
                  coalesce(sum(parts_counted), 0)::bigint AS "parts_counted!",
                  (SELECT max(ended_at) FROM sync.runs
                   WHERE connection_id = $1 AND state IN ('complete', 'complete_with_gaps')) AS checked_at
           FROM sync.conversations WHERE connection_id = $1 AND customer_ids <> '{}'"#,
        connection.as_uuid(),
    )
    .fetch_one(store)
    .await
}

/// What is held of one conversation, and counted by Intercom.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) external_id: String,
    /// The opening message included.
    pub(crate) held: i32,
    pub(crate) counted: Option<i32>,
    /// Whether Intercom gave a tail of them, and no older ones are held.
    pub(crate) is_truncated: bool,
}

/// What is held of these conversations.
pub(crate) async fn parts_of(
    store: &mut PgConnection,
    connection: ConnectionId,
    external_ids: &[String],
) -> Result<Vec<Parts>, sqlx::Error> {
    sqlx::query_as!(
        Parts,
        r#"SELECT external_id, parts_held AS held, parts_counted AS counted,
                  NOT parts_complete AND (fetched_updated_at IS NOT NULL OR head_hash IS NULL)
                      AND (parts_counted IS NULL OR parts_held <= parts_counted) AS "is_truncated!"
           FROM sync.conversations WHERE connection_id = $1 AND external_id = ANY ($2)"#,
        connection.as_uuid(),
        external_ids,
    )
    .fetch_all(store)
    .await
}

fn lack(word: &str) -> Result<Lack, Inconsistent> {
    Lack::parse(word).ok_or(Inconsistent {
        table: "lacks",
        column: "reason",
    })
}
