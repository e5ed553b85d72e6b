use std::collections::HashMap;

use harken_domain::{ConnectionId, CustomerId};
use sqlx::PgConnection;

use crate::{
    outbound::postgres::{Inconsistent, Key, Keys, StoreError},
    rules::{
        Kept,
        fold::{ConversationSight, Fetched, Head, Origin, Title, Version},
    },
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
