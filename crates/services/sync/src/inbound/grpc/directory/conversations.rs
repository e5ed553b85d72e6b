use harken_contracts::{
    convert::timestamp,
    wire::{
        directory::v1::Conversation,
        events::v1::{AuthorKind as WireAuthor, ConversationStatus as WireStatus, Part},
    },
};
use harken_domain::{AuthorKind, ConnectionId, ConversationId, ConversationStatus, CustomerId};

use crate::outbound::postgres::directory::{conversations::ConversationRow, parts::PartRow};

pub(super) fn conversation(row: ConversationRow) -> Conversation {
    let customer = |id| CustomerId::from_uuid(id).to_string();
    Conversation {
        conversation_id: ConversationId::from_uuid(row.conversation_id).to_string(),
        connection_id: ConnectionId::from_uuid(row.connection_id).to_string(),
        external_id: row.external_id,
        customer_ids: row.customer_ids.into_iter().map(customer).collect(),
        status: row
            .status
            .parse::<ConversationStatus>()
            .map_or(WireStatus::Unspecified, WireStatus::from)
            .into(),
        title: row.title,
        created_at: row.created_at.map(timestamp),
        updated_at: Some(timestamp(row.updated_at)),
        first_response_secs: row.first_response_secs,
        resolution_secs: row.resolution_secs,
        reopen_count: row.reopen_count.unsigned_abs(),
        assignment_count: row.assignment_count.unsigned_abs(),
        tags: row.tags,
        parts_held: row.parts_held.unsigned_abs(),
        parts_counted: row.parts_counted.map(i32::unsigned_abs),
        contact_external_ids: row.contact_external_ids,
    }
}

pub(super) fn part(row: PartRow) -> Part {
    let author: AuthorKind = row.author_kind.parse().unwrap_or(AuthorKind::Unknown);
    Part {
        external_id: row.external_id,
        part_type: row.part_type,
        author_kind: WireAuthor::from(author).into(),
        author_external_id: row.author_external_id,
        created_at: row.created_at.map(timestamp),
        is_visible_message: row.is_visible_message,
        is_reopening: row.is_reopening,
        text: row.body,
        text_omitted: false,
        is_redacted: row.is_redacted,
    }
}
