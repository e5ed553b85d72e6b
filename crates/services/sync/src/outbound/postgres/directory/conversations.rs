use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, ConversationId, ConversationStatus, CustomerId, OrganizationId};
use sqlx::PgConnection;
use uuid::Uuid;

/// A conversation as it is read.
pub(crate) struct ConversationRow {
    pub(crate) conversation_id: Uuid,
    pub(crate) connection_id: Uuid,
    pub(crate) external_id: String,
    pub(crate) customer_ids: Vec<Uuid>,
    pub(crate) contact_external_ids: Vec<String>,
    pub(crate) status: String,
    pub(crate) title: Option<String>,
    pub(crate) created_at: Option<DateTime<Utc>>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) first_response_secs: Option<i64>,
    pub(crate) resolution_secs: Option<i64>,
    pub(crate) reopen_count: i32,
    pub(crate) assignment_count: i32,
    pub(crate) tags: Vec<String>,
    pub(crate) parts_held: i32,
    pub(crate) parts_counted: Option<i32>,
}

/// A conversation by id.
pub(crate) async fn find(
    store: &mut PgConnection,
    organization: OrganizationId,
    conversation: ConversationId,
) -> Result<Option<ConversationRow>, sqlx::Error> {
    sqlx::query_as!(
        ConversationRow,
        "SELECT conversation_id, connection_id, external_id, customer_ids, contact_external_ids, status, title,
                created_at, updated_at, first_response_secs, resolution_secs, reopen_count, assignment_count, tags,
                parts_held, parts_counted
         FROM sync.conversations JOIN sync.connections USING (connection_id)
         WHERE conversation_id = $1 AND organization_id = $2",
        conversation.as_uuid(),
        organization.as_uuid(),
    )
    .fetch_optional(store)
    .await
}

/// Which conversations are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filter {
    pub(crate) organization: OrganizationId,
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) customer: Option<CustomerId>,
    pub(crate) status: Option<ConversationStatus>,
}

/// Conversations after `after`, last changed first. Those of nobody we know wait until somebody is known.
pub(crate) async fn list(
    store: &mut PgConnection,
    filter: Filter,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<ConversationRow>, sqlx::Error> {
    let (updated, id) = after.unzip();
    sqlx::query_as!(
        ConversationRow,
        "SELECT conversation_id, connection_id, external_id, customer_ids, contact_external_ids, status, title,
                created_at, updated_at, first_response_secs, resolution_secs, reopen_count, assignment_count, tags,
                parts_held, parts_counted
         FROM sync.conversations JOIN sync.connections USING (connection_id)
         WHERE organization_id = $1 AND ($2::uuid IS NULL OR connection_id = $2)
           AND ($3::uuid IS NULL OR customer_ids @> ARRAY[$3]) AND ($4::text IS NULL OR status = $4) AND customer_ids <> '{}'
           AND ($5::uuid IS NULL OR (updated_at, conversation_id) < ($6, $5))
         ORDER BY updated_at DESC, conversation_id DESC LIMIT $7",
        filter.organization.as_uuid(),
        filter.connection.map(|connection| connection.as_uuid()),
        filter.customer.map(|customer| customer.as_uuid()),
        filter.status.map(ConversationStatus::as_str),
        id,
        updated,
        limit,
    )
    .fetch_all(store)
    .await
}

/// How many conversations there are.
pub(crate) async fn count(store: &mut PgConnection, filter: Filter) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM sync.conversations JOIN sync.connections USING (connection_id)
           WHERE organization_id = $1 AND ($2::uuid IS NULL OR connection_id = $2)
             AND ($3::uuid IS NULL OR customer_ids @> ARRAY[$3]) AND ($4::text IS NULL OR status = $4) AND customer_ids <> '{}'"#,
        filter.organization.as_uuid(),
        filter.connection.map(|connection| connection.as_uuid()),
        filter.customer.map(|customer| customer.as_uuid()),
        filter.status.map(ConversationStatus::as_str),
    )
    .fetch_one(store)
    .await
}

/// Conversations of a connection after `after`, in order of their ids.
pub(crate) async fn export(
    store: &mut PgConnection,
    connection: ConnectionId,
    after: &str,
    limit: i64,
) -> Result<Vec<ConversationRow>, sqlx::Error> {
    sqlx::query_as!(
        ConversationRow,
        "SELECT conversation_id, connection_id, external_id, customer_ids, contact_external_ids, status, title,
                created_at, updated_at, first_response_secs, resolution_secs, reopen_count, assignment_count, tags,
                parts_held, parts_counted
         FROM sync.conversations WHERE connection_id = $1 AND external_id > $2 AND customer_ids <> '{}'
         ORDER BY external_id LIMIT $3",
        connection.as_uuid(),
        after,
        limit,
    )
    .fetch_all(store)
    .await
}
