use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Author, Conversation, Participant, conversation::participants, prints_its_id};
use crate::lenient;

/// A conversation as far as a search has to tell whether it is to be fetched. The rest of the answer is passed over.
#[derive(Clone, Deserialize)]
#[serde(from = "Shown")]
pub struct FoundConversation {
    /// Intercom's id.
    pub id: String,
    /// When Intercom last changed it.
    pub updated_at: Option<DateTime<Utc>>,
    /// The contacts who take part, as [`Conversation::contact_ids`] tells them.
    pub contact_ids: Vec<String>,
}

/// As a search shows it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Shown {
    #[serde(deserialize_with = "lenient::id")]
    id: String,
    #[serde(deserialize_with = "lenient::moment")]
    updated_at: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient::members")]
    contacts: Vec<Participant>,
    #[serde(deserialize_with = "lenient::object")]
    source: Option<ShownSource>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ShownSource {
    #[serde(deserialize_with = "lenient::object")]
    author: Option<Author>,
}

impl From<Shown> for FoundConversation {
    fn from(shown: Shown) -> Self {
        let author = shown.source.and_then(|source| source.author);
        Self {
            contact_ids: participants(&shown.contacts, author.as_ref()),
            id: shown.id,
            updated_at: shown.updated_at,
        }
    }
}

impl From<Conversation> for FoundConversation {
    fn from(conversation: Conversation) -> Self {
        Self {
            contact_ids: conversation.contact_ids(),
            id: conversation.id,
            updated_at: conversation.updated_at,
        }
    }
}

prints_its_id!(FoundConversation);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_search_tells_of_a_conversation_what_the_conversation_itself_does() {
        for (contacts, author) in [
            (
                json!([{"id": "c1"}, {"id": "c2"}]),
                json!({"type": "user", "id": "c3"}),
            ),
            (json!([]), json!({"type": "lead", "id": "c3"})),
            (json!([]), json!({"type": "admin", "id": "8"})),
        ] {
            let told = json!({"id": 7, "updated_at": 1_795_180_000, "contacts": {"contacts": contacts},
                "source": {"author": author}, "new": {"a": 1}});
            let told = told.to_string();
            let found: FoundConversation = serde_json::from_str(&told).unwrap();
            let whole: Conversation = serde_json::from_str(&told).unwrap();
            let whole = FoundConversation::from(whole);
            assert_eq!((&found.id, found.updated_at), (&whole.id, whole.updated_at));
            assert_eq!(found.contact_ids, whole.contact_ids);
        }
    }
}
