use std::collections::HashMap;

use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, ConversationId, CustomerId, Revision};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{Inconsistent, Key, Keys, StoreError};
use crate::rules::{
    ConversationRecord, Kept,
    fold::{ConversationSight, Fetched, Head, Origin, Title, Version},
};

/// What the mirror holds of a conversation beside its parts.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) head: Head,
    pub(crate) version: Version,
    pub(crate) fetched: Option<Fetched>,
    pub(crate) customer_ids: Vec<CustomerId>,
    /// Of the last answer that was read whole; empty if there was none.
    pub(crate) content_hash: Vec<u8>,
    extra: Kept,
}

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

/// What the mirror holds of these conversations, without their parts.
pub(crate) async fn held(
    store: &mut PgConnection,
    keys: &Keys,
) -> Result<HashMap<Key, Held>, StoreError> {
    let rows = sqlx::query!(
        "SELECT conversations.connection_id, conversations.external_id, customer_ids, contact_external_ids, status, title,
                title_is_headline,
                created_at, updated_at, first_response_secs, resolution_secs, reopen_count, assignment_count, tags,
                last_closed_at, last_contact_reply_at, last_admin_reply_at, parts_counted, parts_complete, content_hash,
                origin, told_at, head_hash, fetched_updated_at, extra_key
         FROM unnest($1::uuid[], $2::text[]) AS asked (connection_id, external_id)
         JOIN sync.conversations USING (connection_id, external_id)",
        &keys.connections,
        &keys.external_ids,
    )
    .fetch_all(store)
    .await?;
    let inconsistent = |column| Inconsistent {
        table: "conversations",
        column,
    };
    let mut found = HashMap::with_capacity(rows.len());
    for row in rows {
        let counted = row.parts_counted.map(i32::unsigned_abs);
        let is_from_before = row.head_hash.is_none();
        let hash = match &row.head_hash {
            Some(hash) => hash
                .as_slice()
                .try_into()
                .map_err(|_| inconsistent("head_hash"))?,
            None => [0; 16],
        };
        let version = Version::new(
            Some(row.updated_at),
            counted.unwrap_or(0),
            (Origin::numbered(row.origin), row.told_at),
            hash,
        );
        let fetched_updated_at = row
            .fetched_updated_at
            .or_else(|| is_from_before.then_some(version.updated_at));
        let head = Head {
            contact_external_ids: row.contact_external_ids,
            status: row.status.parse().map_err(|_| inconsistent("status"))?,
            title: row.title.map(|text| Title {
                text,
                // What is not known may be one.
                is_headline: row.title_is_headline.unwrap_or(true),
            }),
            created_at: row.created_at,
            updated_at: row.updated_at,
            first_response_secs: row.first_response_secs,
            resolution_secs: row.resolution_secs,
            reopen_count: row.reopen_count.unsigned_abs(),
            assignment_count: row.assignment_count.unsigned_abs(),
            tags: row.tags,
            last_closed_at: row.last_closed_at,
            last_contact_reply_at: row.last_contact_reply_at,
            last_admin_reply_at: row.last_admin_reply_at,
            parts_counted: counted,
        };
        let key = (ConnectionId::from_uuid(row.connection_id), row.external_id);
        found.insert(
            key,
            Held {
                head,
                version,
                fetched: fetched_updated_at.map(|updated_at| Fetched {
                    updated_at,
                    has_every_part: row.parts_complete,
                }),
                customer_ids: row
                    .customer_ids
                    .into_iter()
                    .map(CustomerId::from_uuid)
                    .collect(),
                content_hash: row.content_hash,
                extra: Kept::stored(row.extra_key.as_deref()),
            },
        );
    }
    Ok(found)
}

impl Held {
    /// What is held, with the parts that are.
    pub(crate) fn with_parts(
        self,
        external_id: String,
        parts: Vec<crate::rules::PartRecord>,
    ) -> ConversationSight {
        let head = (self.head, self.version);
        ConversationSight::held(external_id, head, self.fetched, self.extra, parts)
    }
}

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

/// How these conversations stood when they were last read whole; those that never were are missing.
pub(crate) async fn find_fetched_at(
    store: &mut PgConnection,
    connection: ConnectionId,
    external_ids: &[&str],
) -> Result<HashMap<String, DateTime<Utc>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT external_id, fetched_updated_at AS "fetched_updated_at!" FROM sync.conversations
           WHERE connection_id = $1 AND external_id = ANY ($2) AND fetched_updated_at IS NOT NULL"#,
        connection.as_uuid(),
        external_ids as &[&str],
    )
    .fetch_all(store)
    .await?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|row| (row.external_id, row.fetched_updated_at))
        .collect())
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
