use axum::Json;
use axum::extract::Path;
use chrono::{DateTime, Utc};
use harken_contracts::wire::directory::v1 as wire;
use harken_contracts::wire::events::v1 as events;
use harken_domain::{AuthorKind, ConversationId, ConversationStatus, CustomerId};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{PageInfo, Slice, moment};
use super::caller::Caller;
use super::reading::{Asked, id};
use crate::inbound::http::refusal::Refused;
use crate::inbound::http::render::Problem;

/// A conversation without its parts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Conversation {
    /// `cnv_…`.
    pub(crate) conversation_id: String,
    /// `con_…`.
    pub(crate) connection_id: String,
    /// Intercom's conversation id.
    pub(crate) external_id: String,
    /// Customers who take part, `cus_…`.
    pub(crate) customer_ids: Vec<String>,
    /// Intercom ids of the contacts who take part, known or not.
    pub(crate) contact_external_ids: Vec<String>,
    /// `open`, `closed` or `snoozed`.
    pub(crate) status: Option<&'static str>,
    /// Absent where not invited.
    pub(crate) title: Option<String>,
    pub(crate) created_at: Option<DateTime<Utc>>,
    pub(crate) updated_at: Option<DateTime<Utc>>,
    /// Time to first response as Intercom counts, office hours; absent if unanswered.
    pub(crate) first_response_secs: Option<i64>,
    /// Time to resolution as Intercom counts, office hours; absent if never closed.
    pub(crate) resolution_secs: Option<i64>,
    pub(crate) reopen_count: u32,
    pub(crate) assignment_count: u32,
    pub(crate) tags: Vec<String>,
    /// Parts in the mirror, the opening message included.
    pub(crate) parts_held: u32,
    /// Parts as Intercom counts them; absent if unknown.
    pub(crate) parts_counted: Option<u32>,
}

/// One entry of a conversation: a message, a note, or something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Part {
    /// Intercom's part id; `source:<conversation>` for the opening message.
    pub(crate) external_id: String,
    /// Intercom's `part_type`; `source` for the opening message.
    pub(crate) part_type: String,
    /// `contact`, `admin`, `bot`, `team` or `unknown`.
    pub(crate) author_kind: &'static str,
    pub(crate) author_external_id: Option<String>,
    pub(crate) created_at: Option<DateTime<Utc>>,
    /// Whether the customer can see it as a message; false for internal notes.
    pub(crate) is_visible_message: bool,
    /// Whether it moved a closed conversation to open.
    pub(crate) is_reopening: bool,
    /// Text without markup; absent where not kept, and where there is none.
    pub(crate) text: Option<String>,
}

/// Conversations, last changed first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Conversations {
    conversations: Vec<Conversation>,
    page: PageInfo,
}

/// A conversation and its parts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationWithParts {
    conversation: Conversation,
    /// The opening message first.
    parts: Vec<Part>,
}

/// Lists the conversations of a customer, last changed first.
#[utoipa::path(get, path = "/customers/{customer_id}/conversations", operation_id = "listConversations", tag = "conversations",
    params(("customer_id" = String, Path, description = "`cus_…`"), Slice),
    responses((status = 200, description = "The conversations", body = Conversations), Problem))]
pub(crate) async fn list(
    caller: Caller,
    Path(customer): Path<String>,
    Asked(asked): Asked<Slice>,
) -> Refused<Json<Conversations>> {
    let customer: CustomerId = id("customer_id", &customer)?;
    let list = caller
        .asking()
        .conversations(customer, asked.request()?)
        .await?;
    Ok(Json(Conversations {
        conversations: list
            .conversations
            .into_iter()
            .map(Conversation::from)
            .collect(),
        page: list.page.into(),
    }))
}

/// Reads a conversation with its parts.
#[utoipa::path(get, path = "/conversations/{conversation_id}", operation_id = "getConversation", tag = "conversations",
    params(("conversation_id" = String, Path, description = "`cnv_…`")),
    responses((status = 200, description = "The conversation with its parts", body = ConversationWithParts), Problem))]
pub(crate) async fn get(
    caller: Caller,
    Path(conversation): Path<String>,
) -> Refused<Json<ConversationWithParts>> {
    let conversation: ConversationId = id("conversation_id", &conversation)?;
    let held = caller.asking().conversation(conversation).await?;
    Ok(Json(ConversationWithParts {
        conversation: held.conversation.unwrap_or_default().into(),
        parts: held.parts.into_iter().map(Part::from).collect(),
    }))
}

impl From<wire::Conversation> for Conversation {
    fn from(wire: wire::Conversation) -> Self {
        Self {
            status: ConversationStatus::try_from(wire.status())
                .ok()
                .map(ConversationStatus::as_str),
            created_at: moment(wire.created_at.as_ref()),
            updated_at: moment(wire.updated_at.as_ref()),
            conversation_id: wire.conversation_id,
            connection_id: wire.connection_id,
            external_id: wire.external_id,
            customer_ids: wire.customer_ids,
            contact_external_ids: wire.contact_external_ids,
            title: wire.title,
            first_response_secs: wire.first_response_secs,
            resolution_secs: wire.resolution_secs,
            reopen_count: wire.reopen_count,
            assignment_count: wire.assignment_count,
            tags: wire.tags,
            parts_held: wire.parts_held,
            parts_counted: wire.parts_counted,
        }
    }
}

impl From<events::Part> for Part {
    fn from(wire: events::Part) -> Self {
        Self {
            author_kind: AuthorKind::from(wire.author_kind()).as_str(),
            created_at: moment(wire.created_at.as_ref()),
            external_id: wire.external_id,
            part_type: wire.part_type,
            author_external_id: wire.author_external_id,
            is_visible_message: wire.is_visible_message,
            is_reopening: wire.is_reopening,
            text: wire.text,
        }
    }
}
