use chrono::{DateTime, Utc};
use harken_domain::ConnectionId;
use sqlx::PgConnection;

/// A part as it is read.
pub(crate) struct PartRow {
    pub(crate) conversation_external_id: String,
    pub(crate) external_id: String,
    pub(crate) part_type: String,
    pub(crate) author_kind: String,
    pub(crate) author_external_id: Option<String>,
    pub(crate) created_at: Option<DateTime<Utc>>,
    pub(crate) is_visible_message: bool,
    pub(crate) is_reopening: bool,
    pub(crate) is_redacted: bool,
    pub(crate) body: Option<String>,
}

/// The parts of a conversation in order of (`created_at`, id), the opening message first.
pub(crate) async fn of_conversation(
    store: &mut PgConnection,
    connection: ConnectionId,
    conversation: &str,
) -> Result<Vec<PartRow>, sqlx::Error> {
    sqlx::query_as!(
        PartRow,
        "SELECT conversation_external_id, external_id, part_type, author_kind, author_external_id, created_at,
                is_visible_message, is_reopening, is_redacted, body
         FROM sync.parts WHERE connection_id = $1 AND conversation_external_id = $2
         ORDER BY part_type <> 'source', created_at NULLS FIRST, length(external_id), external_id",
        connection.as_uuid(),
        conversation,
    )
    .fetch_all(store)
    .await
}

/// Parts of a connection after `after` (conversation, part), in order of their ids.
pub(crate) async fn export(
    store: &mut PgConnection,
    connection: ConnectionId,
    after: (&str, &str),
    limit: i64,
) -> Result<Vec<PartRow>, sqlx::Error> {
    sqlx::query_as!(
        PartRow,
        "SELECT conversation_external_id, external_id, part_type, author_kind, author_external_id, created_at,
                is_visible_message, is_reopening, is_redacted, body
         FROM sync.parts WHERE connection_id = $1 AND (conversation_external_id, external_id) > ($2, $3)
           AND EXISTS (SELECT FROM sync.conversations AS home
                       WHERE home.connection_id = parts.connection_id
                         AND home.external_id = parts.conversation_external_id AND home.customer_ids <> '{}')
         ORDER BY conversation_external_id, external_id LIMIT $4",
        connection.as_uuid(),
        after.0,
        after.1,
        limit,
    )
    .fetch_all(store)
    .await
}
