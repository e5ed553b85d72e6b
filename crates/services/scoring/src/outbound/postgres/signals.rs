use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, ConversationId, CustomerId, Revision};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::rules::{PartsHeld, Signal};

/// A conversation as a score hears it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ConversationSignal {
    pub(crate) connection: ConnectionId,
    pub(crate) conversation: ConversationId,
    pub(crate) revision: Revision,
    /// `None`: it is gone.
    pub(crate) heard: Option<Heard>,
}

/// What is heard, and who takes part.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heard {
    pub(crate) signal: Signal,
    pub(crate) customers: Vec<CustomerId>,
}

/// Keeps the newest revision of each, each conversation at most once; answers the customers whose facts changed, those
/// who no longer take part among them.
pub(crate) async fn absorb(
    db: &mut PgConnection,
    conversations: &[ConversationSignal],
) -> Result<Vec<(ConnectionId, CustomerId)>, sqlx::Error> {
    if conversations.is_empty() {
        return Ok(Vec::new());
    }
    let newer = replace(db, conversations).await?;
    let (mut connections, mut ids, mut customers) = (Vec::new(), Vec::new(), Vec::new());
    for conversation in conversations {
        if newer
            .binary_search(&conversation.conversation.as_uuid())
            .is_err()
        {
            continue;
        }
        for customer in conversation.heard.iter().flat_map(|heard| &heard.customers) {
            connections.push(conversation.connection.as_uuid());
            ids.push(conversation.conversation.as_uuid());
            customers.push(customer.as_uuid());
        }
    }
    let gone = leave(db, conversations, &newer, (&ids, &customers)).await?;
    sqlx::query!(
        "INSERT INTO scoring.conversation_customers (connection_id, customer_id, conversation_id)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) ON CONFLICT DO NOTHING",
        &connections,
        &customers,
        &ids,
    )
    .execute(db)
    .await?;
    let touched = connections.into_iter().zip(customers).chain(gone);
    Ok(touched
        .map(|(connection, customer)| {
            (
                ConnectionId::from_uuid(connection),
                CustomerId::from_uuid(customer),
            )
        })
        .collect())
}

/// Takes those who no longer take part off their conversations.
async fn leave(
    db: &mut PgConnection,
    conversations: &[ConversationSignal],
    newer: &[Uuid],
    (ids, customers): (&[Uuid], &[Uuid]),
) -> Result<Vec<(Uuid, Uuid)>, sqlx::Error> {
    let mut connections: Vec<_> = conversations
        .iter()
        .map(|it| it.connection.as_uuid())
        .collect();
    connections.sort_unstable();
    connections.dedup();
    let left = sqlx::query!(
        "DELETE FROM scoring.conversation_customers
         WHERE connection_id = ANY ($1) AND conversation_id = ANY ($2)
           AND (conversation_id, customer_id) NOT IN (SELECT * FROM unnest($3::uuid[], $4::uuid[]))
         RETURNING connection_id, customer_id",
        &connections,
        newer,
        ids,
        customers,
    )
    .fetch_all(db)
    .await?;
    Ok(left
        .into_iter()
        .map(|row| (row.connection_id, row.customer_id))
        .collect())
}

/// Writes the signals that are newer than what is there; answers their conversations, sorted.
async fn replace(
    db: &mut PgConnection,
    conversations: &[ConversationSignal],
) -> Result<Vec<Uuid>, sqlx::Error> {
    let rows = Rows::of(conversations);
    let mut newer = sqlx::query_scalar!(
        "INSERT INTO scoring.conversation_signals (connection_id, conversation_id, revision, status, updated_at,
             last_closed_at, resolution_secs, parts_complete, parts_since, reopened_at, reopen_count,
             last_visible_message_at, last_admin_message_at, unanswered_since, unanswered_by_parts)
         SELECT connection_id, conversation_id, revision, status, updated_at,
             last_closed_at, resolution_secs, parts_complete, parts_since, reopened_at::timestamptz[], reopen_count,
             last_visible_message_at, last_admin_message_at, unanswered_since, unanswered_by_parts
         FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::timestamptz[],
             $6::timestamptz[], $7::bigint[], $8::boolean[], $9::timestamptz[], $10::text[], $11::integer[],
             $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::boolean[])
           AS new (connection_id, conversation_id, revision, status, updated_at,
             last_closed_at, resolution_secs, parts_complete, parts_since, reopened_at, reopen_count,
             last_visible_message_at, last_admin_message_at, unanswered_since, unanswered_by_parts)
         ON CONFLICT (connection_id, conversation_id) DO UPDATE
         SET revision = EXCLUDED.revision, status = EXCLUDED.status, updated_at = EXCLUDED.updated_at,
             last_closed_at = EXCLUDED.last_closed_at, resolution_secs = EXCLUDED.resolution_secs,
             parts_complete = EXCLUDED.parts_complete, parts_since = EXCLUDED.parts_since,
             reopened_at = EXCLUDED.reopened_at, reopen_count = EXCLUDED.reopen_count,
             last_visible_message_at = EXCLUDED.last_visible_message_at,
             last_admin_message_at = EXCLUDED.last_admin_message_at,
             unanswered_since = EXCLUDED.unanswered_since, unanswered_by_parts = EXCLUDED.unanswered_by_parts
         WHERE conversation_signals.revision < EXCLUDED.revision
         RETURNING conversation_id",
        &rows.connections,
        &rows.conversations,
        &rows.revisions,
        &rows.statuses as &[&str],
        &rows.updated_at,
        &rows.last_closed_at as &[Option<DateTime<Utc>>],
        &rows.resolution_secs as &[Option<i64>],
        &rows.parts_complete,
        &rows.parts_since as &[Option<DateTime<Utc>>],
        &rows.reopened_at,
        &rows.reopen_counts,
        &rows.last_visible_message_at as &[Option<DateTime<Utc>>],
        &rows.last_admin_message_at as &[Option<DateTime<Utc>>],
        &rows.unanswered_since as &[Option<DateTime<Utc>>],
        &rows.unanswered_by_parts,
    )
    .fetch_all(db)
    .await?;
    newer.sort_unstable();
    Ok(newer)
}

/// The columns of many signals.
#[derive(Default)]
struct Rows {
    connections: Vec<Uuid>,
    conversations: Vec<Uuid>,
    revisions: Vec<i64>,
    statuses: Vec<&'static str>,
    updated_at: Vec<DateTime<Utc>>,
    last_closed_at: Vec<Option<DateTime<Utc>>>,
    resolution_secs: Vec<Option<i64>>,
    parts_complete: Vec<bool>,
    parts_since: Vec<Option<DateTime<Utc>>>,
    reopened_at: Vec<String>,
    reopen_counts: Vec<i32>,
    last_visible_message_at: Vec<Option<DateTime<Utc>>>,
    last_admin_message_at: Vec<Option<DateTime<Utc>>>,
    unanswered_since: Vec<Option<DateTime<Utc>>>,
    unanswered_by_parts: Vec<bool>,
}

impl Rows {
    fn of(conversations: &[ConversationSignal]) -> Self {
        let mut rows = Self::default();
        for conversation in conversations {
            let signal = conversation.heard.as_ref().map(|heard| &heard.signal);
            let moment = |of: fn(&Signal) -> Option<DateTime<Utc>>| signal.and_then(of);
            rows.connections.push(conversation.connection.as_uuid());
            rows.conversations.push(conversation.conversation.as_uuid());
            rows.revisions.push(conversation.revision.0);
            rows.statuses
                .push(signal.map_or("deleted", |signal| signal.status.as_str()));
            rows.updated_at
                .push(signal.map_or(DateTime::UNIX_EPOCH, |signal| signal.updated_at));
            rows.last_closed_at
                .push(moment(|signal| signal.last_closed_at));
            rows.resolution_secs
                .push(signal.and_then(|signal| signal.resolution_secs));
            rows.parts_complete
                .push(signal.is_none_or(|signal| signal.parts == PartsHeld::All));
            rows.parts_since
                .push(moment(|signal| signal.parts.oldest()));
            rows.reopened_at
                .push(signal.map_or_else(|| "{}".to_owned(), reopened_at));
            rows.reopen_counts.push(signal.map_or(0, |signal| {
                i32::try_from(signal.reopen_count).unwrap_or(i32::MAX)
            }));
            rows.last_visible_message_at
                .push(moment(|signal| signal.last_visible_message_at));
            rows.last_admin_message_at
                .push(moment(|signal| signal.last_admin_message_at));
            rows.unanswered_since
                .push(moment(|signal| signal.unanswered_since));
            rows.unanswered_by_parts
                .push(signal.is_none_or(|signal| signal.unanswered_by_parts));
        }
        rows
    }
}

/// The moments as Postgres writes an array: arrays of arrays cannot be unnested by row.
fn reopened_at(signal: &Signal) -> String {
    let moments: Vec<_> = signal
        .reopened_at
        .iter()
        .map(DateTime::to_rfc3339)
        .collect();
    format!("{{{}}}", moments.join(","))
}
