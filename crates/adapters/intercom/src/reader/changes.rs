//! What changed: contacts by whole days, open conversations, deleted conversations.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Cursor, Page, ReadError, Reader, SearchWindow, SortOrder, answer, lists::Identified};
use crate::{
    Transport, lenient,
    models::{Contact, Conversation},
    structure::{Veil, Veiled},
};

/// A conversation that was deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DeletedConversation {
    /// Intercom's id of it.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// When it was deleted.
    #[serde(deserialize_with = "lenient::moment")]
    pub deleted_at: Option<DateTime<Utc>>,
}

impl Identified for DeletedConversation {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Veiled for DeletedConversation {
    /// There is nothing else in it.
    type Structure = Self;

    fn veiled(structure: Self, _: &Veil) -> Self {
        structure
    }
}

/// A page of deleted conversations, the last deleted first.
#[derive(Clone, Debug)]
pub struct DeletedPage {
    /// The readable members.
    pub items: Vec<DeletedConversation>,
    /// Whether there are more pages.
    pub goes_on: bool,
}

/// Of a page-numbered list, whose `next` is a URL.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Numbered {
    pages: Value,
}

impl<T: Transport> Reader<T> {
    /// Most members of a page of deleted conversations.
    const DELETED_PAGE_SIZE: u32 = 60;

    /// A slice of the contacts last changed on the day on which `day` falls in the workspace's time zone or later, newest
    /// first. Intercom compares whole days and refuses `>=`, so the day itself and what follows it are asked for.
    pub async fn search_contacts(
        &self,
        day: DateTime<Utc>,
        after: Option<&Cursor>,
    ) -> Result<Page<Contact>, ReadError> {
        let day = day.timestamp();
        let body = json!({
            "query": { "operator": "OR", "value": [
                { "field": "updated_at", "operator": ">", "value": day },
                { "field": "updated_at", "operator": "=", "value": day },
            ]},
            "pagination": self.pagination(Self::PAGE_SIZE, after)?,
            "sort": { "field": "updated_at", "order": SortOrder::Descending.as_str() },
        });
        let response = self
            .post("/contacts/search", body.to_string().into())
            .await?;
        self.page_of(response)
    }

    /// A slice of the conversations that are open or snoozed and were last changed in the window, oldest first, without
    /// their parts.
    pub async fn search_open_conversations(
        &self,
        window: SearchWindow,
        after: Option<&Cursor>,
    ) -> Result<Page<Conversation>, ReadError> {
        let body = json!({
            "query": { "operator": "AND", "value": [
                { "field": "open", "operator": "=", "value": true },
                { "field": "updated_at", "operator": ">", "value": window.after.timestamp() },
                { "field": "updated_at", "operator": "<", "value": window.before.timestamp() },
            ]},
            "pagination": self.pagination(Self::PAGE_SIZE, after)?,
            "sort": { "field": "updated_at", "order": SortOrder::Ascending.as_str() },
        });
        let response = self
            .post("/conversations/search", body.to_string().into())
            .await?;
        self.page_of(response)
    }

    /// A page of the conversations that were deleted; the first is page 1. Versions before 2.16 answer
    /// [`ReadError::Rejected`].
    pub async fn deleted_conversations(&self, page: u32) -> Result<DeletedPage, ReadError> {
        let size = Self::DELETED_PAGE_SIZE;
        let response = self
            .get(format!(
                "/conversations/deleted?per_page={size}&page={page}&order=desc"
            ))
            .await?;
        let numbered: Numbered = answer::read(&response)?;
        Ok(DeletedPage {
            items: self.page_of(response)?.items,
            goes_on: numbered
                .pages
                .get("next")
                .is_some_and(|next| !next.is_null()),
        })
    }
}
