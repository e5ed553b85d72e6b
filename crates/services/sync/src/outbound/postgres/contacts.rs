use std::collections::HashMap;

use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, CustomerId, Revision};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{Key, Keys, StoreError, fingerprint_of};
use crate::rules::{
    ContactRecord, Fingerprint,
    drift::TellableContact,
    fold::{Origin, Version, WholeSight},
};

/// What the mirror holds of a contact, as far as deciding about it needs.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) version: Version,
    pub(crate) is_customer: bool,
}

/// What the mirror holds of these contacts.
pub(crate) async fn held(
    store: &mut PgConnection,
    keys: &Keys,
) -> Result<HashMap<Key, Held>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT contacts.connection_id, contacts.external_id, is_customer, coalesce(updated_at, mirrored_at) AS "updated_at!", origin,
                  told_at, content_hash
           FROM unnest($1::uuid[], $2::text[]) AS asked (connection_id, external_id)
           JOIN sync.contacts USING (connection_id, external_id)"#,
        &keys.connections,
        &keys.external_ids,
    )
    .fetch_all(store)
    .await?;
    rows.into_iter()
        .map(|row| {
            let version = Version::new(
                Some(row.updated_at),
                0,
                (Origin::numbered(row.origin), row.told_at),
                fingerprint_of(&row.content_hash, "contacts")?,
            );
            let held = Held {
                version,
                is_customer: row.is_customer,
            };
            Ok((
                (ConnectionId::from_uuid(row.connection_id), row.external_id),
                held,
            ))
        })
        .collect()
}

/// Of these contacts, what there are topics for.
pub(crate) async fn tellable(
    store: &mut PgConnection,
    keys: &Keys,
) -> Result<HashMap<Key, TellableContact>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT contacts.connection_id, contacts.external_id, contact_role, email, name, tags,
                  metadata AS "metadata: Json<serde_json::Map<String, serde_json::Value>>", company_external_ids
           FROM unnest($1::uuid[], $2::text[]) AS asked (connection_id, external_id)
           JOIN sync.contacts USING (connection_id, external_id)"#,
        &keys.connections,
        &keys.external_ids,
    )
    .fetch_all(store)
    .await?;
    let rows = rows.into_iter().map(|row| {
        let tellable = TellableContact {
            role: row.contact_role,
            email: row.email,
            name: row.name,
            tags: row.tags,
            metadata: row.metadata.0,
            company_external_ids: row.company_external_ids,
        };
        let connection = ConnectionId::from_uuid(row.connection_id);
        ((connection, row.external_id), tellable)
    });
    Ok(rows.collect())
}

/// Writes contacts; for each that is news, its new revision. One contact stands once among the rows.
pub(crate) async fn write(
    store: &mut PgConnection,
    rows: &[(ConnectionId, &WholeSight<ContactRecord>, bool)],
    now: DateTime<Utc>,
) -> Result<HashMap<CustomerId, Revision>, sqlx::Error> {
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = Columns::of(rows);
    let written = sqlx::query!(
        "INSERT INTO sync.contacts AS held
             (connection_id, external_id, customer_id, is_customer, contact_role, email, name, first_seen_at,
              last_seen_at, last_replied_at, tags, metadata, company_external_ids, content_hash, mirrored_at,
              updated_at, origin, told_at, extra, extra_key, revision)
         SELECT connection_id, external_id, customer_id, is_customer, contact_role, email, name, first_seen_at,
                last_seen_at, last_replied_at, ARRAY(SELECT jsonb_array_elements_text(tags)), metadata,
                ARRAY(SELECT jsonb_array_elements_text(companies)), content_hash, $1, updated_at, origin, told_at,
                extra::jsonb, extra_key,
                CASE WHEN is_news THEN nextval('sync.revisions') ELSE 0 END
         FROM unnest($2::text[], $3::uuid[], $4::bool[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
                     $9::timestamptz[], $10::timestamptz[], $11::jsonb[], $12::jsonb[], $13::jsonb[], $14::bytea[],
                     $15::uuid[], $16::timestamptz[], $17::smallint[], $18::timestamptz[], $19::bool[],
                     $20::text[], $21::bytea[])
              AS rows (external_id, customer_id, is_customer, contact_role, email, name, first_seen_at,
                       last_seen_at, last_replied_at, tags, metadata, companies, content_hash,
                       connection_id, updated_at, origin, told_at, is_news, extra, extra_key)
         ON CONFLICT (connection_id, external_id) DO UPDATE
         SET is_customer = excluded.is_customer, contact_role = excluded.contact_role, email = excluded.email,
             name = excluded.name, first_seen_at = excluded.first_seen_at, last_seen_at = excluded.last_seen_at,
             last_replied_at = excluded.last_replied_at, tags = excluded.tags, metadata = excluded.metadata,
             company_external_ids = excluded.company_external_ids, content_hash = excluded.content_hash,
             mirrored_at = excluded.mirrored_at, updated_at = excluded.updated_at, origin = excluded.origin,
             told_at = excluded.told_at,
             extra = CASE WHEN excluded.extra_key > coalesce(held.extra_key, '') THEN excluded.extra ELSE held.extra END,
             extra_key = greatest(excluded.extra_key, held.extra_key),
             revision = CASE WHEN excluded.revision = 0 THEN held.revision ELSE excluded.revision END
         RETURNING customer_id, revision",
        now,
        &rows.external_ids as &[&str],
        &rows.customer_ids,
        &rows.are_customers,
        &rows.roles as &[&str],
        &rows.emails as &[Option<&str>],
        &rows.names as &[Option<&str>],
        &rows.first_seen_at as &[Option<DateTime<Utc>>],
        &rows.last_seen_at as &[Option<DateTime<Utc>>],
        &rows.last_replied_at as &[Option<DateTime<Utc>>],
        &rows.tags as &[Json<&Vec<String>>],
        &rows.metadata as &[Json<&serde_json::Map<String, serde_json::Value>>],
        &rows.companies as &[Json<&Vec<String>>],
        &rows.hashes as &[Fingerprint],
        &rows.connections,
        &rows.updated_at,
        &rows.origins,
        &rows.told_at,
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
                CustomerId::from_uuid(row.customer_id),
                Revision(row.revision),
            )
        })
        .collect())
}

/// A contact that was erased.
#[derive(Clone, Debug)]
pub(crate) struct Erased {
    pub(crate) key: Key,
    pub(crate) customer: CustomerId,
    pub(crate) was_customer: bool,
}

/// Erases contacts; answers those that were held.
pub(crate) async fn erase(
    store: &mut PgConnection,
    keys: &Keys,
) -> Result<Vec<Erased>, sqlx::Error> {
    let rows = sqlx::query!(
        "DELETE FROM sync.contacts USING unnest($1::uuid[], $2::text[]) AS gone (connection_id, external_id)
         WHERE contacts.connection_id = gone.connection_id AND contacts.external_id = gone.external_id
         RETURNING contacts.connection_id, contacts.external_id, customer_id, is_customer",
        &keys.connections,
        &keys.external_ids,
    )
    .fetch_all(store)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Erased {
            key: (ConnectionId::from_uuid(row.connection_id), row.external_id),
            customer: CustomerId::from_uuid(row.customer_id),
            was_customer: row.is_customer,
        })
        .collect())
}

/// What of these contacts the mirror knows: whose customer id, or none where it is no customer.
pub(crate) async fn find_customers(
    store: &mut PgConnection,
    connection: ConnectionId,
    external_ids: &[String],
) -> Result<Vec<(String, Option<CustomerId>)>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT external_id, customer_id, is_customer FROM sync.contacts
         WHERE connection_id = $1 AND external_id = ANY ($2)",
        connection.as_uuid(),
        external_ids,
    )
    .fetch_all(store)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let customer = row
                .is_customer
                .then(|| CustomerId::from_uuid(row.customer_id));
            (row.external_id, customer)
        })
        .collect())
}

/// Contacts that Intercom should list: those that are not known to be archived.
pub(crate) async fn listable(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT external_id FROM sync.contacts
         WHERE connection_id = $1
           AND NOT EXISTS (SELECT FROM sync.archivals
                           WHERE archivals.connection_id = $1 AND archivals.external_id = contacts.external_id
                             AND is_archived)",
        connection.as_uuid(),
    )
    .fetch_all(store)
    .await
}

/// How many there are of these.
pub(crate) async fn count_listable(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<usize, sqlx::Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM sync.contacts
           WHERE connection_id = $1
             AND NOT EXISTS (SELECT FROM sync.archivals
                             WHERE archivals.connection_id = $1 AND archivals.external_id = contacts.external_id
                               AND is_archived)"#,
        connection.as_uuid(),
    )
    .fetch_one(store)
    .await?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Those of them that nobody has told of or read since `since`.
pub(crate) async fn unlisted_since(
    store: &mut PgConnection,
    connection: ConnectionId,
    since: DateTime<Utc>,
    most: usize,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT external_id FROM sync.contacts
         WHERE connection_id = $1 AND told_at < $2
           AND NOT EXISTS (SELECT FROM sync.archivals
                           WHERE archivals.connection_id = $1 AND archivals.external_id = contacts.external_id
                             AND is_archived)
         ORDER BY external_id LIMIT $3",
        connection.as_uuid(),
        since,
        i64::try_from(most).unwrap_or(i64::MAX),
    )
    .fetch_all(store)
    .await
}

/// The records, turned on their side.
struct Columns<'a> {
    connections: Vec<Uuid>,
    external_ids: Vec<&'a str>,
    customer_ids: Vec<Uuid>,
    are_customers: Vec<bool>,
    roles: Vec<&'a str>,
    emails: Vec<Option<&'a str>>,
    names: Vec<Option<&'a str>>,
    first_seen_at: Vec<Option<DateTime<Utc>>>,
    last_seen_at: Vec<Option<DateTime<Utc>>>,
    last_replied_at: Vec<Option<DateTime<Utc>>>,
    tags: Vec<Json<&'a Vec<String>>>,
    metadata: Vec<Json<&'a serde_json::Map<String, serde_json::Value>>>,
    companies: Vec<Json<&'a Vec<String>>>,
    hashes: Vec<Fingerprint>,
    updated_at: Vec<DateTime<Utc>>,
    origins: Vec<i16>,
    told_at: Vec<DateTime<Utc>>,
    news: Vec<bool>,
    extras: Vec<Option<&'a str>>,
    extra_keys: Vec<Option<&'a [u8]>>,
}

impl<'a> Columns<'a> {
    fn of(rows: &'a [(ConnectionId, &'a WholeSight<ContactRecord>, bool)]) -> Self {
        let each = || rows.iter().map(|(_, sight, _)| &sight.record);
        let version = || rows.iter().map(|(_, sight, _)| &sight.version);
        Self {
            connections: rows.iter().map(|(id, ..)| id.as_uuid()).collect(),
            external_ids: each().map(|record| record.external_id.as_str()).collect(),
            customer_ids: each().map(|record| record.customer_id.as_uuid()).collect(),
            are_customers: each().map(|record| record.is_customer).collect(),
            roles: each().map(|record| record.role).collect(),
            emails: each().map(|record| record.email.as_deref()).collect(),
            names: each().map(|record| record.name.as_deref()).collect(),
            first_seen_at: each().map(|record| record.first_seen_at).collect(),
            last_seen_at: each().map(|record| record.last_seen_at).collect(),
            last_replied_at: each().map(|record| record.last_replied_at).collect(),
            tags: each().map(|record| Json(&record.tags)).collect(),
            metadata: each().map(|record| Json(&record.metadata)).collect(),
            companies: each()
                .map(|record| Json(&record.company_external_ids))
                .collect(),
            hashes: version().map(|version| version.hash).collect(),
            updated_at: version().map(|version| version.updated_at).collect(),
            origins: version().map(|version| version.origin.number()).collect(),
            told_at: version().map(|version| version.told_at).collect(),
            news: rows.iter().map(|(.., is_news)| *is_news).collect(),
            extras: each().map(|record| record.extra.json()).collect(),
            extra_keys: each().map(|record| record.extra.key()).collect(),
        }
    }
}
