//! What happened after the story's epoch: the overlay over what the story tells.

use std::collections::HashMap;

use super::order::Moved;
use crate::story::Event;

/// A contact that the story does not know.
#[derive(Debug, Clone)]
pub(crate) struct Added {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) external_id: Option<String>,
    pub(crate) lead: bool,
    pub(crate) at: i64,
}

#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Grows with every change.
    pub(crate) revision: u64,
    pub(crate) contacts_by_update: Moved,
    pub(crate) contacts_by_creation: Moved,
    pub(crate) conversations_by_update: Moved,
    /// Numbered from the story's count of contacts on.
    pub(crate) added: Vec<Added>,
    pub(crate) events: HashMap<u64, Vec<Event>>,
    /// Deleted conversations with the second of their deletion, oldest first.
    pub(crate) deleted_conversations: Vec<(u64, i64)>,
}
