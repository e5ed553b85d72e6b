use std::collections::HashMap;

use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, ConversationStatus};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Inconsistent, Key, Keys, StoreError};
use crate::rules::{Kept, PartRecord, fold::Origin};

/// The parts that the mirror holds of these conversations.
pub(crate) async fn held(
    store: &mut PgConnection,
    keys: &Keys,
) -> Result<HashMap<Key, Vec<PartRecord>>, StoreError> {
    let mut held: HashMap<Key, Vec<PartRecord>> = HashMap::new();
    if keys.is_empty() {
        return Ok(held);
    }
    let rows = sqlx::query!(
        r#"SELECT parts.connection_id, conversation_external_id, parts.external_id, part_type, author_kind,
                  author_external_id, created_at, updated_at, is_visible_message, is_reopening, is_redacted, state, origin,
                  body, extra_key
           FROM unnest($1::uuid[], $2::text[]) AS asked (connection_id, external_id)
           JOIN sync.parts ON parts.connection_id = asked.connection_id
                          AND parts.conversation_external_id = asked.external_id"#,
        &keys.connections,
        &keys.external_ids,
    )
    .fetch_all(store)
    .await?;
    let inconsistent = |column| Inconsistent {
        table: "parts",
        column,
    };
    for row in rows {
        let state: Option<ConversationStatus> = row
            .state
            .map(|state| state.parse())
            .transpose()
            .map_err(|_| inconsistent("state"))?;
        let part = PartRecord {
            external_id: row.external_id,
            part_type: row.part_type,
            author_kind: row
                .author_kind
                .parse()
                .map_err(|_| inconsistent("author_kind"))?,
            author_external_id: row.author_external_id,
            created_at: row.created_at,
            updated_at: row.updated_at,
            is_visible_message: row.is_visible_message,
            // Parts from before states were kept tell theirs by what followed from it.
            state: state.or_else(|| row.is_reopening.then_some(ConversationStatus::Open)),
            is_redacted: row.is_redacted,
            origin: Origin::numbered(row.origin),
            is_reopening: row.is_reopening,
            text: row.body,
            extra: if row.is_redacted {
                Kept::erased()
            } else {
                Kept::stored(row.extra_key.as_deref())
            },
            is_saved: true,
        };
        let key = (
            ConnectionId::from_uuid(row.connection_id),
            row.conversation_external_id,
        );
        held.entry(key).or_default().push(part);
    }
    Ok(held)
}

/// Writes parts, each with its connection and conversation. One part stands once among them.
pub(crate) async fn write(
    store: &mut PgConnection,
    parts: &[(ConnectionId, &str, &PartRecord)],
) -> Result<(), sqlx::Error> {
    if parts.is_empty() {
        return Ok(());
    }
    let each = || parts.iter();
    let connections: Vec<Uuid> = each().map(|(id, ..)| id.as_uuid()).collect();
    let homes: Vec<&str> = each().map(|(_, home, _)| *home).collect();
    let external_ids: Vec<&str> = each().map(|(.., part)| part.external_id.as_str()).collect();
    let types: Vec<&str> = each().map(|(.., part)| part.part_type.as_str()).collect();
    let author_kinds: Vec<&str> = each().map(|(.., part)| part.author_kind.as_str()).collect();
    let authors: Vec<Option<&str>> = each()
        .map(|(.., part)| part.author_external_id.as_deref())
        .collect();
    let created_at: Vec<Option<DateTime<Utc>>> = each().map(|(.., part)| part.created_at).collect();
    let updated_at: Vec<Option<DateTime<Utc>>> = each().map(|(.., part)| part.updated_at).collect();
    let visible: Vec<bool> = each().map(|(.., part)| part.is_visible_message).collect();
    let reopening: Vec<bool> = each().map(|(.., part)| part.is_reopening).collect();
    let redacted: Vec<bool> = each().map(|(.., part)| part.is_redacted).collect();
    let states: Vec<Option<&str>> = each()
        .map(|(.., part)| part.state.map(ConversationStatus::as_str))
        .collect();
    let origins: Vec<i16> = each().map(|(.., part)| part.origin.number()).collect();
    let texts: Vec<Option<&str>> = each().map(|(.., part)| part.text.as_deref()).collect();
    let extras: Vec<Option<&str>> = each().map(|(.., part)| part.extra.json()).collect();
    let extra_keys: Vec<Option<&[u8]>> = each().map(|(.., part)| part.extra.key()).collect();
    sqlx::query!(
        "INSERT INTO sync.parts AS held
             (connection_id, conversation_external_id, external_id, part_type, author_kind, author_external_id,
              created_at, updated_at, is_visible_message, is_reopening, is_redacted, state, origin, body, extra,
              extra_key)
         SELECT connection_id, home, external_id, part_type, author_kind, author, created_at, updated_at, is_visible,
                is_reopening, is_redacted, state, origin, body, extra::jsonb, extra_key
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
                              $8::timestamptz[], $9::bool[], $10::bool[], $11::bool[], $12::text[], $13::smallint[],
                              $14::text[], $15::text[], $16::bytea[])
              AS rows (connection_id, home, external_id, part_type, author_kind, author, created_at, updated_at,
                       is_visible, is_reopening, is_redacted, state, origin, body, extra, extra_key)
         ON CONFLICT (connection_id, conversation_external_id, external_id) DO UPDATE
         SET part_type = excluded.part_type, author_kind = excluded.author_kind,
             author_external_id = excluded.author_external_id, created_at = excluded.created_at,
             updated_at = excluded.updated_at, is_visible_message = excluded.is_visible_message,
             is_reopening = excluded.is_reopening, is_redacted = excluded.is_redacted, state = excluded.state,
             origin = excluded.origin, body = excluded.body,
             extra = CASE WHEN excluded.extra_key > coalesce(held.extra_key, '') THEN excluded.extra ELSE held.extra END,
             extra_key = greatest(excluded.extra_key, held.extra_key)",
        &connections,
        &homes as &[&str],
        &external_ids as &[&str],
        &types as &[&str],
        &author_kinds as &[&str],
        &authors as &[Option<&str>],
        &created_at as &[Option<DateTime<Utc>>],
        &updated_at as &[Option<DateTime<Utc>>],
        &visible,
        &reopening,
        &redacted,
        &states as &[Option<&str>],
        &origins,
        &texts as &[Option<&str>],
        &extras as &[Option<&str>],
        &extra_keys as &[Option<&[u8]>],
    )
    .execute(store)
    .await?;
    Ok(())
}
