use chrono::{DateTime, Utc};
use harken_domain::ConnectionId;
use sqlx::PgConnection;

use crate::rules::{ConversationRecord, PartRecord};

/// Forgets the parts of these conversations.
pub(crate) async fn forget(
    store: &mut PgConnection,
    connection: ConnectionId,
    conversations: &[&str],
) -> Result<(), sqlx::Error> {
    if conversations.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "DELETE FROM sync.parts WHERE connection_id = $1 AND conversation_external_id = ANY ($2)",
        connection.as_uuid(),
        conversations as &[&str],
    )
    .execute(store)
    .await?;
    Ok(())
}

/// Writes the parts of conversations of which the mirror holds none.
pub(crate) async fn insert(
    store: &mut PgConnection,
    connection: ConnectionId,
    conversations: &[&ConversationRecord],
) -> Result<(), sqlx::Error> {
    let parts: Vec<(&str, &PartRecord)> = conversations
        .iter()
        .flat_map(|record| {
            record
                .parts
                .iter()
                .map(|part| (record.external_id.as_str(), part))
        })
        .collect();
    if parts.is_empty() {
        return Ok(());
    }
    let each = || parts.iter();
    let homes: Vec<&str> = each().map(|(home, _)| *home).collect();
    let external_ids: Vec<&str> = each().map(|(_, part)| part.external_id.as_str()).collect();
    let types: Vec<&str> = each().map(|(_, part)| part.part_type.as_str()).collect();
    let author_kinds: Vec<&str> = each().map(|(_, part)| part.author_kind.as_str()).collect();
    let authors: Vec<Option<&str>> = each()
        .map(|(_, part)| part.author_external_id.as_deref())
        .collect();
    let created_at: Vec<Option<DateTime<Utc>>> = each().map(|(_, part)| part.created_at).collect();
    let visible: Vec<bool> = each().map(|(_, part)| part.is_visible_message).collect();
    let reopening: Vec<bool> = each().map(|(_, part)| part.is_reopening).collect();
    let texts: Vec<Option<&str>> = each().map(|(_, part)| part.text.as_deref()).collect();
    sqlx::query!(
        "INSERT INTO sync.parts
             (connection_id, conversation_external_id, external_id, part_type, author_kind, author_external_id,
              created_at, is_visible_message, is_reopening, body)
         SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
                                  $8::bool[], $9::bool[], $10::text[])",
        connection.as_uuid(),
        &homes as &[&str],
        &external_ids as &[&str],
        &types as &[&str],
        &author_kinds as &[&str],
        &authors as &[Option<&str>],
        &created_at as &[Option<DateTime<Utc>>],
        &visible,
        &reopening,
        &texts as &[Option<&str>],
    )
    .execute(store)
    .await?;
    Ok(())
}
