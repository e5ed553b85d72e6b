use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, CustomerId, OrganizationId};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::literal;

/// A contact as it is read.
pub(crate) struct ContactRow {
    pub(crate) customer_id: Uuid,
    pub(crate) connection_id: Uuid,
    pub(crate) external_id: String,
    pub(crate) contact_role: String,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) first_seen_at: Option<DateTime<Utc>>,
    pub(crate) last_seen_at: Option<DateTime<Utc>>,
    pub(crate) last_replied_at: Option<DateTime<Utc>>,
    pub(crate) tags: Vec<String>,
    pub(crate) metadata: Json<serde_json::Map<String, serde_json::Value>>,
    pub(crate) company_external_ids: Vec<String>,
    pub(crate) mirrored_at: DateTime<Utc>,
}

/// A customer by id.
pub(crate) async fn find(
    store: &mut PgConnection,
    organization: OrganizationId,
    customer: CustomerId,
) -> Result<Option<ContactRow>, sqlx::Error> {
    sqlx::query_as!(
        ContactRow,
        r#"SELECT customer_id, connection_id, external_id, contact_role, email, name, first_seen_at, last_seen_at,
                  last_replied_at, tags, metadata AS "metadata: Json<serde_json::Map<String, serde_json::Value>>",
                  company_external_ids, mirrored_at
           FROM sync.contacts JOIN sync.connections USING (connection_id)
           WHERE customer_id = $1 AND organization_id = $2 AND is_customer"#,
        customer.as_uuid(),
        organization.as_uuid(),
    )
    .fetch_optional(store)
    .await
}

/// Which customers are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filter<'a> {
    pub(crate) organization: OrganizationId,
    /// None: of all the organization's connections.
    pub(crate) connection: Option<ConnectionId>,
    /// Part of a name or an address, any case; empty for all.
    pub(crate) query: &'a str,
}

/// Where a list stands: when the last customer was first seen, and its id.
pub(crate) type Place = (Option<DateTime<Utc>>, Uuid);

/// Customers after `after`, newest first.
pub(crate) async fn list(
    store: &mut PgConnection,
    filter: Filter<'_>,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<ContactRow>, sqlx::Error> {
    let (seen, id) = after.map_or((None, None), |(seen, id)| (seen, Some(id)));
    sqlx::query_as!(
        ContactRow,
        r#"SELECT customer_id, connection_id, external_id, contact_role, email, name, first_seen_at, last_seen_at,
                  last_replied_at, tags, metadata AS "metadata: Json<serde_json::Map<String, serde_json::Value>>",
                  company_external_ids, mirrored_at
           FROM sync.contacts JOIN sync.connections USING (connection_id)
           WHERE organization_id = $1 AND is_customer AND ($2::uuid IS NULL OR connection_id = $2)
             AND ($3 = '' OR name ILIKE '%' || $3 || '%' OR email ILIKE '%' || $3 || '%')
             AND ($4::uuid IS NULL
                  OR (coalesce(first_seen_at, 'epoch'), customer_id) < (coalesce($5::timestamptz, 'epoch'), $4))
           ORDER BY coalesce(first_seen_at, 'epoch') DESC, customer_id DESC LIMIT $6"#,
        filter.organization.as_uuid(),
        filter.connection.map(|connection| connection.as_uuid()),
        literal(filter.query),
        id,
        seen,
        limit,
    )
    .fetch_all(store)
    .await
}

/// How many customers there are.
pub(crate) async fn count(
    store: &mut PgConnection,
    filter: Filter<'_>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM sync.contacts JOIN sync.connections USING (connection_id)
           WHERE organization_id = $1 AND is_customer AND ($2::uuid IS NULL OR connection_id = $2)
             AND ($3 = '' OR name ILIKE '%' || $3 || '%' OR email ILIKE '%' || $3 || '%')"#,
        filter.organization.as_uuid(),
        filter.connection.map(|connection| connection.as_uuid()),
        literal(filter.query),
    )
    .fetch_one(store)
    .await
}

/// Contacts of a connection after `after`, in order of their ids, customers or not.
pub(crate) async fn export(
    store: &mut PgConnection,
    connection: ConnectionId,
    after: &str,
    limit: i64,
) -> Result<Vec<ContactRow>, sqlx::Error> {
    sqlx::query_as!(
        ContactRow,
        r#"SELECT customer_id, connection_id, external_id, contact_role, email, name, first_seen_at, last_seen_at,
                  last_replied_at, tags, metadata AS "metadata: Json<serde_json::Map<String, serde_json::Value>>",
                  company_external_ids, mirrored_at
           FROM sync.contacts WHERE connection_id = $1 AND external_id > $2 ORDER BY external_id LIMIT $3"#,
        connection.as_uuid(),
        after,
        limit,
    )
    .fetch_all(store)
    .await
}
