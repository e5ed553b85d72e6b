use std::collections::HashMap;

use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, CustomerId, Revision};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use crate::rules::{ConversationRecord, Fingerprint, fingerprint};

/// What became of a conversation that was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    /// Its new revision.
    pub(crate) revision: Revision,
    /// Whether the mirror had it before, and so parts of it.
    pub(crate) was_held: bool,
}

/// Writes conversations, without their parts; for each, what became of it if it is new or different. The fingerprint covers
/// the parts too. One conversation stands once among `records`.
pub(crate) async fn upsert(
    store: &mut PgConnection,
    connection: ConnectionId,
    records: &[ConversationRecord],
    now: DateTime<Utc>,
) -> Result<Vec<Option<Written>>, sqlx::Error> {
    let rows = Columns::of(records);
    let changed = sqlx::query!(
        r#"INSERT INTO sync.conversations AS held
             (connection_id, external_id, conversation_id, customer_ids, contact_external_ids, status, title, created_at,
              updated_at, first_response_secs, resolution_secs, reopen_count, assignment_count, tags, last_closed_at,
              last_contact_reply_at, last_admin_reply_at, parts_held, parts_counted, parts_complete, content_hash,
              mirrored_at)
         SELECT $1, external_id, conversation_id, ARRAY(SELECT jsonb_array_elements_text(customers)::uuid),
                ARRAY(SELECT jsonb_array_elements_text(contacts)), status, title, created_at, updated_at,
                first_response_secs, resolution_secs, reopen_count, assignment_count,
                ARRAY(SELECT jsonb_array_elements_text(tags)), last_closed_at, last_contact_reply_at,
                last_admin_reply_at, parts_held, parts_counted, parts_complete, content_hash, $2
         FROM unnest($3::text[], $4::uuid[], $5::jsonb[], $6::jsonb[], $7::text[], $8::text[], $9::timestamptz[],
                     $10::timestamptz[], $11::bigint[], $12::bigint[], $13::int[], $14::int[], $15::jsonb[],
                     $16::timestamptz[], $17::timestamptz[], $18::timestamptz[], $19::int[], $20::int[], $21::bool[],
                     $22::bytea[])
              AS rows (external_id, conversation_id, customers, contacts, status, title, created_at, updated_at,
                       first_response_secs, resolution_secs, reopen_count, assignment_count, tags, last_closed_at,
                       last_contact_reply_at, last_admin_reply_at, parts_held, parts_counted, parts_complete,
                       content_hash)
         ORDER BY external_id
         ON CONFLICT (connection_id, external_id) DO UPDATE
         SET customer_ids = excluded.customer_ids, contact_external_ids = excluded.contact_external_ids,
             status = excluded.status, title = excluded.title, created_at = excluded.created_at,
             updated_at = excluded.updated_at, first_response_secs = excluded.first_response_secs,
             resolution_secs = excluded.resolution_secs, reopen_count = excluded.reopen_count,
             assignment_count = excluded.assignment_count, tags = excluded.tags,
             last_closed_at = excluded.last_closed_at, last_contact_reply_at = excluded.last_contact_reply_at,
             last_admin_reply_at = excluded.last_admin_reply_at, parts_held = excluded.parts_held,
             parts_counted = excluded.parts_counted, parts_complete = excluded.parts_complete,
             content_hash = excluded.content_hash, revision = nextval('sync.revisions'),
             mirrored_at = excluded.mirrored_at
         WHERE held.content_hash <> excluded.content_hash
         RETURNING conversation_id, revision, xmax <> 0 AS "was_held!""#,
        connection.as_uuid(),
        now,
        &rows.external_ids as &[&str],
        &rows.conversation_ids,
        &rows.customers as &[Json<Vec<Uuid>>],
        &rows.contacts as &[Json<&Vec<String>>],
        &rows.statuses as &[&str],
        &rows.titles as &[Option<&str>],
        &rows.created_at as &[Option<DateTime<Utc>>],
        &rows.updated_at,
        &rows.first_response_secs as &[Option<i64>],
        &rows.resolution_secs as &[Option<i64>],
        &rows.reopen_counts,
        &rows.assignment_counts,
        &rows.tags as &[Json<&Vec<String>>],
        &rows.last_closed_at as &[Option<DateTime<Utc>>],
        &rows.last_contact_reply_at as &[Option<DateTime<Utc>>],
        &rows.last_admin_reply_at as &[Option<DateTime<Utc>>],
        &rows.parts_held,
        &rows.parts_counted as &[Option<i32>],
        &rows.parts_complete,
        &rows.hashes as &[Fingerprint],
    )
    .fetch_all(store)
    .await?;
    let changed: HashMap<Uuid, Written> = changed
        .into_iter()
        .map(|row| {
            let revision = Revision(row.revision);
            (
                row.conversation_id,
                Written {
                    revision,
                    was_held: row.was_held,
                },
            )
        })
        .collect();
    Ok(rows
        .conversation_ids
        .iter()
        .map(|id| changed.get(id).copied())
        .collect())
}

/// When the mirror's copies of these conversations were last changed at Intercom.
pub(crate) async fn find_updated_at(
    store: &mut PgConnection,
    connection: ConnectionId,
    external_ids: &[&str],
) -> Result<HashMap<String, DateTime<Utc>>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT external_id, updated_at FROM sync.conversations
         WHERE connection_id = $1 AND external_id = ANY ($2)",
        connection.as_uuid(),
        external_ids as &[&str],
    )
    .fetch_all(store)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.external_id, row.updated_at))
        .collect())
}

/// The records, turned on their side.
struct Columns<'a> {
    external_ids: Vec<&'a str>,
    conversation_ids: Vec<Uuid>,
    customers: Vec<Json<Vec<Uuid>>>,
    contacts: Vec<Json<&'a Vec<String>>>,
    statuses: Vec<&'a str>,
    titles: Vec<Option<&'a str>>,
    created_at: Vec<Option<DateTime<Utc>>>,
    updated_at: Vec<DateTime<Utc>>,
    first_response_secs: Vec<Option<i64>>,
    resolution_secs: Vec<Option<i64>>,
    reopen_counts: Vec<i32>,
    assignment_counts: Vec<i32>,
    tags: Vec<Json<&'a Vec<String>>>,
    last_closed_at: Vec<Option<DateTime<Utc>>>,
    last_contact_reply_at: Vec<Option<DateTime<Utc>>>,
    last_admin_reply_at: Vec<Option<DateTime<Utc>>>,
    parts_held: Vec<i32>,
    parts_counted: Vec<Option<i32>>,
    parts_complete: Vec<bool>,
    hashes: Vec<Fingerprint>,
}

impl<'a> Columns<'a> {
    fn of(records: &'a [ConversationRecord]) -> Self {
        let each = || records.iter();
        let customers = |record: &ConversationRecord| {
            Json(
                record
                    .customer_ids
                    .iter()
                    .map(CustomerId::as_uuid)
                    .collect(),
            )
        };
        Self {
            external_ids: each().map(|record| record.external_id.as_str()).collect(),
            conversation_ids: each()
                .map(|record| record.conversation_id.as_uuid())
                .collect(),
            customers: each().map(customers).collect(),
            contacts: each()
                .map(|record| Json(&record.contact_external_ids))
                .collect(),
            statuses: each().map(|record| record.status.as_str()).collect(),
            titles: each().map(|record| record.title.as_deref()).collect(),
            created_at: each().map(|record| record.created_at).collect(),
            updated_at: each().map(|record| record.updated_at).collect(),
            first_response_secs: each().map(|record| record.first_response_secs).collect(),
            resolution_secs: each().map(|record| record.resolution_secs).collect(),
            reopen_counts: each().map(|record| whole(record.reopen_count)).collect(),
            assignment_counts: each()
                .map(|record| whole(record.assignment_count))
                .collect(),
            tags: each().map(|record| Json(&record.tags)).collect(),
            last_closed_at: each().map(|record| record.last_closed_at).collect(),
            last_contact_reply_at: each().map(|record| record.last_contact_reply_at).collect(),
            last_admin_reply_at: each().map(|record| record.last_admin_reply_at).collect(),
            parts_held: each().map(|record| whole(record.parts.len())).collect(),
            parts_counted: each()
                .map(|record| record.parts_counted.map(whole))
                .collect(),
            parts_complete: each().map(|record| record.parts_complete).collect(),
            hashes: each().map(fingerprint).collect(),
        }
    }
}

/// A count as Postgres holds it.
fn whole(count: impl TryInto<i32>) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}
