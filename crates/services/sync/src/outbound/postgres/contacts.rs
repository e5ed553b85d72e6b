use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, CustomerId, Revision};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use crate::rules::{ContactRecord, Fingerprint, fingerprint};

/// Writes contacts; for each, its new revision if it is new or different. One contact stands once among `records`.
pub(crate) async fn upsert(
    store: &mut PgConnection,
    connection: ConnectionId,
    records: &[ContactRecord],
    now: DateTime<Utc>,
) -> Result<Vec<Option<Revision>>, sqlx::Error> {
    let rows = Columns::of(records);
    let changed = sqlx::query!(
        "INSERT INTO sync.contacts AS held
             (connection_id, external_id, customer_id, is_customer, contact_role, email, name, first_seen_at,
              last_seen_at, last_replied_at, tags, metadata, company_external_ids, content_hash, mirrored_at)
         SELECT $1, external_id, customer_id, is_customer, contact_role, email, name, first_seen_at,
                last_seen_at, last_replied_at, ARRAY(SELECT jsonb_array_elements_text(tags)), metadata,
                ARRAY(SELECT jsonb_array_elements_text(companies)), content_hash, $2
         FROM unnest($3::text[], $4::uuid[], $5::bool[], $6::text[], $7::text[], $8::text[], $9::timestamptz[],
                     $10::timestamptz[], $11::timestamptz[], $12::jsonb[], $13::jsonb[], $14::jsonb[], $15::bytea[])
              AS rows (external_id, customer_id, is_customer, contact_role, email, name, first_seen_at,
                       last_seen_at, last_replied_at, tags, metadata, companies, content_hash)
         ORDER BY external_id
         ON CONFLICT (connection_id, external_id) DO UPDATE
         SET is_customer = excluded.is_customer, contact_role = excluded.contact_role, email = excluded.email,
             name = excluded.name, first_seen_at = excluded.first_seen_at, last_seen_at = excluded.last_seen_at,
             last_replied_at = excluded.last_replied_at, tags = excluded.tags, metadata = excluded.metadata,
             company_external_ids = excluded.company_external_ids, content_hash = excluded.content_hash,
             revision = nextval('sync.revisions'), mirrored_at = excluded.mirrored_at
         WHERE held.content_hash <> excluded.content_hash
         RETURNING customer_id, revision",
        connection.as_uuid(),
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
    )
    .fetch_all(store)
    .await?;
    let changed: std::collections::HashMap<Uuid, i64> = changed
        .into_iter()
        .map(|row| (row.customer_id, row.revision))
        .collect();
    Ok(rows
        .customer_ids
        .iter()
        .map(|id| changed.get(id).copied().map(Revision))
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

/// The records, turned on their side.
struct Columns<'a> {
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
}

impl<'a> Columns<'a> {
    fn of(records: &'a [ContactRecord]) -> Self {
        let each = || records.iter();
        Self {
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
            hashes: each().map(fingerprint).collect(),
        }
    }
}
