use std::collections::HashMap;

use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, ConversationId, CustomerId, Revision};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use crate::rules::{
    ConversationRecord,
    fold::{Fetched, Version},
};

/// What is written of a conversation beside its parts.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub(crate) connection: ConnectionId,
    pub(crate) record: &'a ConversationRecord,
    pub(crate) version: Version,
    pub(crate) fetched: Option<Fetched>,
    pub(crate) title_is_headline: bool,
    pub(crate) content_hash: Vec<u8>,
    /// Whether readers have to be told; then it gets a revision.
    pub(crate) is_news: bool,
}

/// Writes conversations, without their parts; answers the revision of each. One conversation stands once among the rows.
#[expect(clippy::too_many_lines, reason = "one statement with many columns")]
pub(crate) async fn write(
    store: &mut PgConnection,
    rows: &[Row<'_>],
    now: DateTime<Utc>,
) -> Result<HashMap<ConversationId, Revision>, sqlx::Error> {
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = Columns::of(rows);
    let written = sqlx::query!(
        "INSERT INTO sync.conversations AS held
             (connection_id, external_id, conversation_id, customer_ids, contact_external_ids, status, title, created_at,
              updated_at, first_response_secs, resolution_secs, reopen_count, assignment_count, tags, last_closed_at,
              last_contact_reply_at, last_admin_reply_at, parts_held, parts_counted, parts_complete, content_hash,
              mirrored_at, origin, told_at, head_hash, fetched_updated_at, title_is_headline, extra, extra_key,
              revision)
         SELECT connection_id, external_id, conversation_id, ARRAY(SELECT jsonb_array_elements_text(customers)::uuid),
                ARRAY(SELECT jsonb_array_elements_text(contacts)), status, title, created_at, updated_at,
                first_response_secs, resolution_secs, reopen_count, assignment_count,
                ARRAY(SELECT jsonb_array_elements_text(tags)), last_closed_at, last_contact_reply_at,
                last_admin_reply_at, parts_held, parts_counted, parts_complete, content_hash, $1, origin, told_at,
                head_hash, fetched_updated_at, title_is_headline, extra::jsonb, extra_key,
                CASE WHEN is_news THEN nextval('sync.revisions') ELSE 0 END
         FROM unnest($2::text[], $3::uuid[], $4::jsonb[], $5::jsonb[], $6::text[], $7::text[], $8::timestamptz[],
                     $9::timestamptz[], $10::bigint[], $11::bigint[], $12::int[], $13::int[], $14::jsonb[],
                     $15::timestamptz[], $16::timestamptz[], $17::timestamptz[], $18::int[], $19::int[], $20::bool[],
                     $21::bytea[], $22::uuid[], $23::smallint[], $24::timestamptz[], $25::bytea[], $26::timestamptz[],
                     $27::bool[], $28::bool[], $29::text[], $30::bytea[])
              AS rows (external_id, conversation_id, customers, contacts, status, title, created_at, updated_at,
                       first_response_secs, resolution_secs, reopen_count, assignment_count, tags, last_closed_at,
                       last_contact_reply_at, last_admin_reply_at, parts_held, parts_counted, parts_complete,
                       content_hash, connection_id, origin, told_at, head_hash, fetched_updated_at, title_is_headline,
                       is_news, extra, extra_key)
         ON CONFLICT (connection_id, external_id) DO UPDATE
         SET customer_ids = excluded.customer_ids, contact_external_ids = excluded.contact_external_ids,
             status = excluded.status, title = excluded.title, created_at = excluded.created_at,
             updated_at = excluded.updated_at, first_response_secs = excluded.first_response_secs,
             resolution_secs = excluded.resolution_secs, reopen_count = excluded.reopen_count,
             assignment_count = excluded.assignment_count, tags = excluded.tags,
             last_closed_at = excluded.last_closed_at, last_contact_reply_at = excluded.last_contact_reply_at,
             last_admin_reply_at = excluded.last_admin_reply_at, parts_held = excluded.parts_held,
             parts_counted = excluded.parts_counted, parts_complete = excluded.parts_complete,
             content_hash = excluded.content_hash, mirrored_at = excluded.mirrored_at, origin = excluded.origin,
             told_at = excluded.told_at, head_hash = excluded.head_hash,
             fetched_updated_at = excluded.fetched_updated_at, title_is_headline = excluded.title_is_headline,
             extra = CASE WHEN excluded.extra_key > coalesce(held.extra_key, '') THEN excluded.extra ELSE held.extra END,
             extra_key = greatest(excluded.extra_key, held.extra_key),
             revision = CASE WHEN excluded.revision = 0 THEN held.revision ELSE excluded.revision END
         RETURNING conversation_id, revision",
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
        &rows.content_hashes as &[&[u8]],
        &rows.connections,
        &rows.origins,
        &rows.told_at,
        &rows.head_hashes as &[&[u8]],
        &rows.fetched_updated_at as &[Option<DateTime<Utc>>],
        &rows.headlines,
        &rows.news,
        &rows.extras as &[Option<&str>],
        &rows.extra_keys as &[Option<&[u8]>],
    )
    .fetch_all(store)
    .await?;
    Ok(written
        .into_iter()
        .map(|row| {
            (
                ConversationId::from_uuid(row.conversation_id),
                Revision(row.revision),
            )
        })
        .collect())
}

/// The records, turned on their side.
struct Columns<'a> {
    connections: Vec<Uuid>,
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
    content_hashes: Vec<&'a [u8]>,
    origins: Vec<i16>,
    told_at: Vec<DateTime<Utc>>,
    head_hashes: Vec<&'a [u8]>,
    fetched_updated_at: Vec<Option<DateTime<Utc>>>,
    headlines: Vec<bool>,
    news: Vec<bool>,
    extras: Vec<Option<&'a str>>,
    extra_keys: Vec<Option<&'a [u8]>>,
}

impl<'a> Columns<'a> {
    fn of(rows: &'a [Row<'a>]) -> Self {
        let each = || rows.iter().map(|row| row.record);
        let version = || rows.iter().map(|row| &row.version);
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
            connections: rows.iter().map(|row| row.connection.as_uuid()).collect(),
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
            content_hashes: rows.iter().map(|row| row.content_hash.as_slice()).collect(),
            origins: version().map(|version| version.origin.number()).collect(),
            told_at: version().map(|version| version.told_at).collect(),
            head_hashes: version().map(|version| version.hash.as_slice()).collect(),
            fetched_updated_at: rows
                .iter()
                .map(|row| Some(row.fetched.as_ref()?.updated_at))
                .collect(),
            headlines: rows.iter().map(|row| row.title_is_headline).collect(),
            news: rows.iter().map(|row| row.is_news).collect(),
            extras: each().map(|record| record.extra.json()).collect(),
            extra_keys: each().map(|record| record.extra.key()).collect(),
        }
    }
}

/// A count as Postgres holds it.
fn whole(count: impl TryInto<i32>) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}
