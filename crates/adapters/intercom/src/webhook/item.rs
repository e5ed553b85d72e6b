//! What a notification is about, typed by its topic.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::Topic;
use crate::{
    lenient,
    models::{Company, Contact, Conversation},
    structure::{PersonId, person},
};

/// The item of a notification: of models, unless it says otherwise. Prints no content.
#[derive(Clone, Debug)]
pub enum Item<V = Conversation, C = Contact, O = Company, P = String> {
    /// A conversation with the parts that caused the notification, and no others.
    Conversation(Box<V>),
    /// A conversation that was deleted.
    GoneConversation {
        /// Intercom's id of it.
        id: String,
    },
    /// A contact whose participation in a conversation changed. The conversation itself comes in a form that is internal to
    /// Intercom, of which only the id is read.
    ConversationContact {
        /// Intercom's id of the conversation.
        conversation_id: String,
        /// The contact.
        contact: Box<C>,
    },
    /// A contact.
    Contact(Box<C>),
    /// A contact that was deleted.
    GoneContact {
        /// Intercom's id of it.
        id: P,
    },
    /// A contact that was put away, and may come back.
    ArchivedContact {
        /// Intercom's id of it.
        id: P,
    },
    /// A contact that absorbed another.
    MergedContact {
        /// The one that is left.
        survivor: Box<C>,
        /// Intercom's id of the other; Intercom does not always tell it.
        absorbed: Option<P>,
    },
    /// A contact that was given to a company or taken from it.
    CompanyContact {
        /// The company, in an older form that lacks plan and size.
        company_id: String,
        /// The contact.
        contact: Box<C>,
    },
    /// A company.
    Company(Box<O>),
    /// A company that was deleted.
    GoneCompany {
        /// Intercom's id of it.
        id: String,
    },
    /// Something that is not read.
    Other,
}

/// Why an item is not what its topic promises. Says nothing of what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableItem {
    /// Its JSON has another shape, or is nested too deep.
    #[error("the item cannot be read: line {line}, column {column}")]
    Shape {
        /// Where, from 1.
        line: usize,
        /// Where, from 1.
        column: usize,
    },
    /// It does not say which record it is about.
    #[error("the item names no {what}")]
    NoId {
        /// What is missing.
        what: &'static str,
    },
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Gone {
    #[serde(deserialize_with = "lenient::id")]
    id: String,
    #[serde(deserialize_with = "lenient::id")]
    conversation_id: String,
}

/// Somebody by the id alone.
#[derive(Deserialize)]
#[serde(bound(deserialize = "P: PersonId"))]
struct Somebody<P> {
    #[serde(default, deserialize_with = "person")]
    id: Option<P>,
}

/// An item that holds its records one level down.
#[derive(Deserialize)]
#[serde(bound(deserialize = "C: Deserialize<'de>"))]
struct Wrapped<C> {
    #[serde(default, deserialize_with = "lenient::object")]
    contact: Option<C>,
    #[serde(default, deserialize_with = "lenient::object")]
    company: Option<Gone>,
    #[serde(default, deserialize_with = "lenient::object")]
    conversation: Option<Internal>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Internal {
    #[serde(deserialize_with = "lenient::object")]
    model: Option<Gone>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "P: PersonId"))]
struct Merge<P> {
    #[serde(default, deserialize_with = "lenient::object")]
    merged_from: Option<Somebody<P>>,
}

/// A record that an item may hold.
pub(super) trait Record: DeserializeOwned {
    /// Whether it says which one it is.
    fn has_id(&self) -> bool;
}

impl Record for Conversation {
    fn has_id(&self) -> bool {
        !self.id.is_empty()
    }
}

impl Record for Contact {
    fn has_id(&self) -> bool {
        !self.id.is_empty()
    }
}

impl Record for Company {
    fn has_id(&self) -> bool {
        !self.id.is_empty()
    }
}

impl Item {
    /// Reads the item of a notification of this topic.
    pub fn read(topic: &Topic, raw: &RawValue) -> Result<Self, UnreadableItem> {
        read_as(topic, raw)
    }
}

/// Reads the item of a notification of this topic, with its records in the form that is wanted.
pub(super) fn read_as<V, C, O, P>(
    topic: &Topic,
    raw: &RawValue,
) -> Result<Item<V, C, O, P>, UnreadableItem>
where
    V: Record,
    C: Record,
    O: Record,
    P: PersonId,
{
    use Topic as T;
    match topic {
        T::ConversationDeleted => {
            let gone: Gone = parse(raw)?;
            let id = Some(gone.conversation_id).filter(|id| !id.is_empty());
            named("conversation", id.unwrap_or(gone.id)).map(|id| Item::GoneConversation { id })
        }
        T::ConversationContactAttached | T::ConversationContactDetached => {
            let wrapped: Wrapped<C> = parse(raw)?;
            let model = wrapped.conversation.and_then(|internal| internal.model);
            Ok(Item::ConversationContact {
                conversation_id: named("conversation", model.unwrap_or_default().id)?,
                contact: record("contact", wrapped.contact)?,
            })
        }
        topic if is_about_conversation(topic) => {
            record("conversation", Some(parse(raw)?)).map(Item::Conversation)
        }
        T::ContactDeleted => id_of(raw, "contact").map(|id| Item::GoneContact { id }),
        T::ContactArchived => id_of(raw, "contact").map(|id| Item::ArchivedContact { id }),
        T::ContactMerged => {
            let merge: Merge<P> = parse(raw)?;
            Ok(Item::MergedContact {
                survivor: record("contact", Some(parse(raw)?))?,
                absorbed: merge.merged_from.and_then(|absorbed| absorbed.id),
            })
        }
        topic if holds_contact_within(topic) => {
            let wrapped: Wrapped<C> = parse(raw)?;
            record("contact", wrapped.contact).map(Item::Contact)
        }
        topic if is_about_contact(topic) => record("contact", Some(parse(raw)?)).map(Item::Contact),
        T::CompanyContactAttached | T::CompanyContactDetached => {
            let wrapped: Wrapped<C> = parse(raw)?;
            Ok(Item::CompanyContact {
                company_id: named("company", wrapped.company.unwrap_or_default().id)?,
                contact: record("contact", wrapped.contact)?,
            })
        }
        T::CompanyDeleted => {
            named("company", parse::<Gone>(raw)?.id).map(|id| Item::GoneCompany { id })
        }
        T::CompanyCreated | T::CompanyUpdated => {
            record("company", Some(parse(raw)?)).map(Item::Company)
        }
        _ => Ok(Item::Other),
    }
}

/// Whether the item of a topic holds the contact that it is about one level down.
pub(super) fn holds_contact_within(topic: &Topic) -> bool {
    use Topic as T;
    matches!(
        topic,
        T::ContactUserTagCreated
            | T::ContactUserTagDeleted
            | T::ContactLeadTagCreated
            | T::ContactLeadTagDeleted
            | T::ContactSubscribed
            | T::ContactUnsubscribed
    )
}

fn is_about_conversation(topic: &Topic) -> bool {
    let name = topic.as_str();
    !matches!(topic, Topic::Other(_))
        && (name.starts_with("conversation.") || name.starts_with("conversation_part."))
}

fn is_about_contact(topic: &Topic) -> bool {
    !matches!(topic, Topic::Other(_)) && topic.as_str().starts_with("contact.")
}

fn parse<T: DeserializeOwned>(raw: &RawValue) -> Result<T, UnreadableItem> {
    serde_json::from_str(raw.get()).map_err(|error| UnreadableItem::Shape {
        line: error.line(),
        column: error.column(),
    })
}

fn id_of<P: PersonId>(raw: &RawValue, what: &'static str) -> Result<P, UnreadableItem> {
    let somebody: Somebody<P> = parse(raw)?;
    somebody.id.ok_or(UnreadableItem::NoId { what })
}

fn record<R: Record>(what: &'static str, record: Option<R>) -> Result<Box<R>, UnreadableItem> {
    match record {
        Some(record) if record.has_id() => Ok(Box::new(record)),
        _ => Err(UnreadableItem::NoId { what }),
    }
}

fn named(what: &'static str, id: String) -> Result<String, UnreadableItem> {
    if id.is_empty() {
        return Err(UnreadableItem::NoId { what });
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(topic: &Topic, item: &Value) -> Result<Item, UnreadableItem> {
        let raw = RawValue::from_string(item.to_string()).unwrap();
        Item::read(topic, &raw)
    }

    #[test]
    fn each_family_of_topics_has_its_item() {
        let conversation = json!({"type": "conversation", "id": "7", "conversation_parts":
            {"conversation_parts": [{"id": "70", "redacted": true, "updated_at": 5}], "total_count": 1}});
        let Ok(Item::Conversation(read_back)) =
            read(&Topic::ConversationPartRedacted, &conversation)
        else {
            panic!("a conversation was expected")
        };
        let part = &read_back.parts()[0];
        assert!(part.is_redacted() && part.updated_at.is_some());
        let contact =
            json!({"type": "contact", "id": "c", "updated_at": "2026-07-29T10:30:00.465+00:00"});
        for (topic, item) in [
            (Topic::ContactUserUpdated, contact.clone()),
            (Topic::ContactUnarchived, contact.clone()),
            (
                Topic::ContactLeadTagDeleted,
                json!({"tag": {"id": "t"}, "contact": contact}),
            ),
            (Topic::ContactUnsubscribed, json!({"contact": contact})),
        ] {
            assert!(matches!(read(&topic, &item), Ok(Item::Contact(read)) if read.id == "c"));
        }
        assert!(matches!(
            read(&Topic::ConversationContactAttached,
                &json!({"conversation": {"model": {"id": 215_471_000_000_101_i64}}, "contact": contact})),
            Ok(Item::ConversationContact { conversation_id, .. }) if conversation_id == "215471000000101"
        ));
        assert!(matches!(
            read(&Topic::CompanyContactDetached, &json!({"company": {"id": "o"}, "contact": contact})),
            Ok(Item::CompanyContact { company_id, .. }) if company_id == "o"
        ));
        assert!(matches!(
            read(&Topic::ConversationDeleted, &json!({"conversation_id": "7"})),
            Ok(Item::GoneConversation { id }) if id == "7"
        ));
    }

    #[test]
    fn a_merge_may_leave_out_who_was_absorbed() {
        for (merged_from, expected) in [
            (json!({"type": "contact", "id": "d"}), Some("d")),
            (json!(null), None),
            (json!({}), None),
        ] {
            let item = json!({"id": "c", "merged_from": merged_from});
            let Ok(Item::MergedContact { survivor, absorbed }) = read(&Topic::ContactMerged, &item)
            else {
                panic!("a merge was expected")
            };
            assert_eq!((survivor.id.as_str(), absorbed.as_deref()), ("c", expected));
        }
    }

    #[test]
    fn an_item_without_an_id_is_refused() {
        let nobody = |what| UnreadableItem::NoId { what };
        for (topic, item, expected) in [
            (
                Topic::ConversationRead,
                json!({"body": "x"}),
                nobody("conversation"),
            ),
            (
                Topic::ContactDeleted,
                json!({"deleted": true}),
                nobody("contact"),
            ),
            (
                Topic::ContactUserTagCreated,
                json!({"tag": {"id": "t"}}),
                nobody("contact"),
            ),
            (Topic::CompanyUpdated, json!({}), nobody("company")),
        ] {
            assert_eq!(read(&topic, &item).unwrap_err(), expected);
        }
        assert!(matches!(
            read(&Topic::ConversationRead, &json!("text")),
            Err(UnreadableItem::Shape { .. })
        ));
    }

    #[test]
    fn what_is_not_mirrored_is_not_read() {
        assert!(matches!(
            read(&Topic::TicketCreated, &json!(7)),
            Ok(Item::Other)
        ));
        let unknown = Topic::of("conversation.sung");
        assert!(matches!(
            read(&unknown, &json!({"id": "7"})),
            Ok(Item::Other)
        ));
    }
}
