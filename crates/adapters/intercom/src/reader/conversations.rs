use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Cursor, Page, ReadError, Reader, answer, escaped};
use crate::{
    Transport,
    models::{Conversation, FoundConversation},
};

/// Which conversations a search asks for, by `updated_at`, to the second.
///
/// Intercom's text and practice differ on whether the ends belong to the window: ask for a second more on each side and
/// drop what lies outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchWindow {
    /// Changed after this.
    pub after: DateTime<Utc>,
    /// Changed before this.
    pub before: DateTime<Utc>,
}

/// In which order of `updated_at` a search answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortOrder {
    /// Oldest first.
    Ascending,
    /// Newest first.
    Descending,
}

impl SortOrder {
    /// Intercom's word; shorter ones are refused.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "ascending",
            Self::Descending => "descending",
        }
    }
}

impl<T: Transport> Reader<T> {
    /// A slice of the conversations that were last changed in the window.
    pub async fn search_conversations(
        &self,
        window: SearchWindow,
        order: SortOrder,
        after: Option<&Cursor>,
    ) -> Result<Page<FoundConversation>, ReadError> {
        let body = json!({
            "query": { "operator": "AND", "value": [
                { "field": "updated_at", "operator": ">", "value": window.after.timestamp() },
                { "field": "updated_at", "operator": "<", "value": window.before.timestamp() },
            ]},
            "pagination": self.pagination(Self::PAGE_SIZE, after)?,
            "sort": { "field": "updated_at", "order": order.as_str() },
        });
        let response = self
            .post("/conversations/search", body.to_string().into())
            .await?;
        self.page_of(response)
    }

    /// A slice of the conversations in which one of these contacts takes part and that were last changed in the window,
    /// newest first.
    pub async fn search_conversations_of(
        &self,
        contact_ids: &[String],
        window: SearchWindow,
        after: Option<&Cursor>,
    ) -> Result<Page<FoundConversation>, ReadError> {
        let body = json!({
            "query": { "operator": "AND", "value": [
                { "field": "contact_ids", "operator": "IN", "value": contact_ids },
                { "field": "updated_at", "operator": ">", "value": window.after.timestamp() },
                { "field": "updated_at", "operator": "<", "value": window.before.timestamp() },
            ]},
            "pagination": self.pagination(Self::PAGE_SIZE, after)?,
            "sort": { "field": "updated_at", "order": SortOrder::Descending.as_str() },
        });
        let response = self
            .post("/conversations/search", body.to_string().into())
            .await?;
        self.page_of(response)
    }

    /// One conversation with its latest parts, at most [`Conversation::MOST_PARTS`].
    pub async fn conversation(&self, id: &str) -> Result<Conversation, ReadError> {
        let (conversation, response): (Conversation, _) = self
            .object(format!("/conversations/{}", escaped(id)))
            .await?;
        if conversation.id.is_empty() {
            return Err(answer::lacking(&response, "id"));
        }
        Ok(conversation)
    }
}
