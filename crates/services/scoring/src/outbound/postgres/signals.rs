use std::collections::BTreeSet;

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

/// A customer and a conversation that it takes part in, or did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    pub(crate) connection: ConnectionId,
    pub(crate) customer: CustomerId,
    pub(crate) conversation: ConversationId,
}

/// Keeps the newest revision of each, each conversation at most once; answers whose facts changed, those who no longer take
/// part among them.
pub(crate) async fn absorb(
    db: &mut PgConnection,
    conversations: &[ConversationSignal],
) -> Result<BTreeSet<Part>, sqlx::Error> {
    if conversations.is_empty() {
        return Ok(BTreeSet::new());
    }
    let Replaced { newer, before } = replace(db, conversations).await?;
    let newer: Vec<_> = conversations
        .iter()
        .filter(|it| newer.contains(&it.conversation))
        .collect();
    let here = takes_part(&newer);
    leave(db, before.difference(&here)).await?;
    join(db, here.difference(&before)).await?;
    Ok(here.union(&before).copied().collect())
}

fn takes_part(conversations: &[&ConversationSignal]) -> BTreeSet<Part> {
    let parts = conversations.iter().flat_map(|it| {
        let customers = it.heard.iter().flat_map(|heard| &heard.customers);
        customers.map(|customer| Part {
            connection: it.connection,
            customer: *customer,
            conversation: it.conversation,
        })
    });
    parts.collect()
}

async fn leave(
    db: &mut PgConnection,
    parts: impl Iterator<Item = &Part>,
) -> Result<(), sqlx::Error> {
    let [connections, customers, conversations] = columns(parts);
    if connections.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "DELETE FROM scoring.conversation_customers
         WHERE ctid = ANY (ARRAY(
             SELECT l.place FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS gone (connection_id, customer_id, conversation_id)
             CROSS JOIN LATERAL (
                 SELECT l.ctid AS place FROM scoring.conversation_customers AS l
                 WHERE l.connection_id = gone.connection_id AND l.customer_id = gone.customer_id
                   AND l.conversation_id = gone.conversation_id OFFSET 0) AS l))",
        &connections,
        &customers,
        &conversations,
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn join(
    db: &mut PgConnection,
    parts: impl Iterator<Item = &Part>,
) -> Result<(), sqlx::Error> {
    let [connections, customers, conversations] = columns(parts);
    if connections.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO scoring.conversation_customers (connection_id, customer_id, conversation_id)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) ON CONFLICT DO NOTHING",
        &connections,
        &customers,
        &conversations,
    )
    .execute(db)
    .await?;
    Ok(())
}

fn columns<'a>(parts: impl Iterator<Item = &'a Part>) -> [Vec<Uuid>; 3] {
    let mut columns = [const { Vec::new() }; 3];
    for part in parts {
        let row = [
            part.connection.as_uuid(),
            part.customer.as_uuid(),
            part.conversation.as_uuid(),
        ];
        for (column, id) in columns.iter_mut().zip(row) {
            column.push(id);
        }
    }
    columns
}

/// What is new in the signals.
struct Replaced {
    newer: BTreeSet<ConversationId>,
    /// Who took part in them until now.
    before: BTreeSet<Part>,
}

/// Writes the signals that are newer than what is there.
async fn replace(
    db: &mut PgConnection,
    conversations: &[ConversationSignal],
) -> Result<Replaced, sqlx::Error> {
    let rows = Rows::of(conversations);
    let written = sqlx::query!(
        r#"WITH newer AS (
         INSERT INTO scoring.conversation_signals (connection_id, conversation_id, revision, status, updated_at,
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
         RETURNING connection_id, conversation_id)
         SELECT newer.connection_id, newer.conversation_id, l.customer_id AS "customer_id?"
         FROM newer LEFT JOIN LATERAL (
             SELECT * FROM scoring.conversation_customers AS l
             WHERE l.connection_id = newer.connection_id AND l.conversation_id = newer.conversation_id
             OFFSET 0) AS l ON true"#,
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
    let mut replaced = Replaced {
        newer: BTreeSet::new(),
        before: BTreeSet::new(),
    };
    for row in written {
        let conversation = ConversationId::from_uuid(row.conversation_id);
        replaced.newer.insert(conversation);
        replaced.before.extend(row.customer_id.map(|customer| Part {
            connection: ConnectionId::from_uuid(row.connection_id),
            customer: CustomerId::from_uuid(customer),
            conversation,
        }));
    }
    Ok(replaced)
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
