//! A notification without what was not invited.

use serde_json::{Map, Value, json, value::RawValue};

use super::item::{Item, Record, UnreadableItem, holds_contact_within, read_as};
use super::notification::Notification;
use super::topic::Topic;
use crate::models;
use crate::structure::{Company, Contact, Conversation, Pseudonym, PseudonymKey, RawId};

/// An item whose records have no place for content.
type Structure<P> = Item<Conversation<P>, Contact<P>, Company, P>;

impl<P> Record for Conversation<P>
where
    Self: serde::de::DeserializeOwned,
{
    fn has_id(&self) -> bool {
        !self.id.is_empty()
    }
}

impl<P> Record for Contact<P>
where
    Self: serde::de::DeserializeOwned,
{
    fn has_id(&self) -> bool {
        self.id.is_some()
    }
}

impl Record for Company {
    fn has_id(&self) -> bool {
        !self.id.is_empty()
    }
}

impl Notification<'_> {
    /// The notification with its structure alone, and with people by their pseudonyms. It reads as a notification again, and
    /// its item by [`Item::read_veiled`]. An item that cannot be read is left out.
    pub fn veiled(&self, key: &PseudonymKey) -> Vec<u8> {
        let item = self
            .raw_item()
            .and_then(|raw| {
                read_as::<Conversation<RawId>, Contact<RawId>, Company, RawId>(&self.topic, raw)
                    .ok()
            })
            .map_or_else(
                || json!({}),
                |item| written(item.hidden(&|id| key.pseudonym(&id)), &self.topic),
            );
        let mut told = self.envelope();
        told.insert(
            "data".to_owned(),
            json!({ "type": "notification_event_data", "item": item }),
        );
        Value::Object(told).to_string().into_bytes()
    }

    /// The notification's envelope alone, with the conversation or company that it is about. It reads as a notification
    /// again; nobody can be told by it.
    pub fn about_no_person(&self) -> Vec<u8> {
        use super::AboutKind as K;
        let item = match self.about() {
            Some(about) if about.kind == K::Conversation => json!({
                "id": about.external_id,
                "conversation_id": about.external_id,
                "conversation": { "model": { "id": about.external_id } },
            }),
            Some(about) if about.kind == K::Company => json!({ "id": about.external_id }),
            _ => json!({}),
        };
        let mut told = self.envelope();
        told.insert("data".to_owned(), json!({ "item": item }));
        Value::Object(told).to_string().into_bytes()
    }

    fn envelope(&self) -> Map<String, Value> {
        let mut told = match serde_json::to_value(&self.kept) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        told.remove("data");
        told
    }
}

impl Item {
    /// Reads the item of a notification that was veiled. Of anything else nobody and nothing said is read.
    pub fn read_veiled(topic: &Topic, raw: &RawValue) -> Result<Self, UnreadableItem> {
        read_as(topic, raw).map(Structure::<Pseudonym>::into_models)
    }
}

impl Structure<RawId> {
    fn hidden(self, hide: &impl Fn(RawId) -> Pseudonym) -> Structure<Pseudonym> {
        match self {
            Item::Conversation(it) => Item::Conversation(Box::new(it.hidden(hide))),
            Item::GoneConversation { id } => Item::GoneConversation { id },
            Item::ConversationContact {
                conversation_id,
                contact,
            } => Item::ConversationContact {
                conversation_id,
                contact: Box::new(contact.hidden(hide)),
            },
            Item::Contact(contact) => Item::Contact(Box::new(contact.hidden(hide))),
            Item::GoneContact { id } => Item::GoneContact { id: hide(id) },
            Item::ArchivedContact { id } => Item::ArchivedContact { id: hide(id) },
            Item::MergedContact { survivor, absorbed } => Item::MergedContact {
                survivor: Box::new(survivor.hidden(hide)),
                absorbed: absorbed.map(hide),
            },
            Item::CompanyContact {
                company_id,
                contact,
            } => Item::CompanyContact {
                company_id,
                contact: Box::new(contact.hidden(hide)),
            },
            Item::Company(company) => Item::Company(company),
            Item::GoneCompany { id } => Item::GoneCompany { id },
            Item::Other => Item::Other,
        }
    }
}

impl Structure<Pseudonym> {
    fn into_models(self) -> Item {
        let of_contact =
            |contact: Box<Contact<Pseudonym>>| Box::new(models::Contact::from(*contact));
        match self {
            Self::Conversation(it) => Item::Conversation(Box::new((*it).into())),
            Self::GoneConversation { id } => Item::GoneConversation { id },
            Self::ConversationContact {
                conversation_id,
                contact,
            } => Item::ConversationContact {
                conversation_id,
                contact: of_contact(contact),
            },
            Self::Contact(contact) => Item::Contact(of_contact(contact)),
            Self::GoneContact { id } => Item::GoneContact { id: id.into() },
            Self::ArchivedContact { id } => Item::ArchivedContact { id: id.into() },
            Self::MergedContact { survivor, absorbed } => Item::MergedContact {
                survivor: of_contact(survivor),
                absorbed: absorbed.map(String::from),
            },
            Self::CompanyContact {
                company_id,
                contact,
            } => Item::CompanyContact {
                company_id,
                contact: of_contact(contact),
            },
            Self::Company(company) => Item::Company(Box::new((*company).into())),
            Self::GoneCompany { id } => Item::GoneCompany { id },
            Self::Other => Item::Other,
        }
    }
}

/// An item in the shape that Intercom gives those of its topic.
fn written(item: Structure<Pseudonym>, topic: &Topic) -> Value {
    match item {
        Item::Conversation(it) => json!(it),
        Item::GoneConversation { id } => json!({ "conversation_id": id }),
        Item::ConversationContact {
            conversation_id,
            contact,
        } => json!({ "conversation": { "model": { "id": conversation_id } }, "contact": contact }),
        Item::Contact(contact) if holds_contact_within(topic) => json!({ "contact": contact }),
        Item::Contact(contact) => json!(contact),
        Item::GoneContact { id } | Item::ArchivedContact { id } => json!({ "id": id }),
        Item::MergedContact { survivor, absorbed } => {
            let mut told = json!(survivor);
            told["merged_from"] = json!({ "id": absorbed });
            told
        }
        Item::CompanyContact {
            company_id,
            contact,
        } => json!({ "company": { "id": company_id }, "contact": contact }),
        Item::Company(company) => json!(company),
        Item::GoneCompany { id } => json!({ "id": id }),
        Item::Other => json!({}),
    }
}
