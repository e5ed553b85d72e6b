use std::collections::HashMap;

use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, CustomerId, EmailAddress};
use harken_intercom::models::{Contact, ContactRole, Extra, Tag};
use serde_json::{Map, Value};

use super::Kept;

/// Names of the workspace's tags by Intercom's id.
pub(crate) type TagNames = HashMap<String, String>;

/// A contact as the mirror keeps it (PRODUCT C5).
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ContactRecord {
    pub(crate) customer_id: CustomerId,
    pub(crate) external_id: String,
    pub(crate) is_customer: bool,
    pub(crate) role: &'static str,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) first_seen_at: Option<DateTime<Utc>>,
    pub(crate) last_seen_at: Option<DateTime<Utc>>,
    pub(crate) last_replied_at: Option<DateTime<Utc>>,
    /// Names, sorted.
    pub(crate) tags: Vec<String>,
    pub(crate) metadata: Map<String, Value>,
    /// Sorted.
    pub(crate) company_external_ids: Vec<String>,
    pub(crate) extra: Kept,
}

/// Of what readers see. `customer_id` is ours, and follows from `external_id`.
impl std::hash::Hash for ContactRecord {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        let Self {
            customer_id: _,
            external_id,
            is_customer,
            role,
            email,
            name,
            first_seen_at,
            last_seen_at,
            last_replied_at,
            tags,
            metadata,
            company_external_ids,
            extra: _,
        } = self;
        (external_id, is_customer, role, email, name).hash(state);
        (first_seen_at, last_seen_at, last_replied_at).hash(state);
        (tags, metadata, company_external_ids).hash(state);
    }
}

impl std::fmt::Debug for ContactRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ContactRecord({})", self.customer_id)
    }
}

/// Whether the contact's own answer does not tell all its tags by name.
pub(crate) fn needs_tag_list(contact: &Contact, names: &TagNames) -> bool {
    contact.has_more_tags()
        || contact
            .tags()
            .iter()
            .any(|tag| tag.name.is_none() && !names.contains_key(&tag.id))
}

impl ContactRecord {
    /// The one id of a contact of a connection.
    pub(crate) fn id_of(connection: ConnectionId, external_id: &str) -> CustomerId {
        CustomerId::derive(&[connection.as_uuid().as_bytes(), external_id.as_bytes()])
    }

    /// Maps a contact. `tags` and `companies` are its whole sub-lists where they had to be asked for.
    ///
    /// Without a valid e-mail address it is no customer, and nothing is kept but that it exists. One that goes by a pseudonym
    /// is a customer: whether it has an address was not to be known.
    pub(crate) fn new(
        connection: ConnectionId,
        contact: Contact,
        names: &TagNames,
        tags: Option<&[Tag]>,
        companies: Option<Vec<String>>,
    ) -> Self {
        let role = match contact.role() {
            ContactRole::User => "user",
            ContactRole::Lead => "lead",
        };
        let email = match contact.email.as_deref().map(EmailAddress::parse) {
            _ if contact.is_pseudonymous => None,
            Some(Ok(email)) => Some(email.as_str().to_owned()),
            _ => return Self::nobody(connection, contact, role),
        };
        let tags = tags.unwrap_or_else(|| contact.tags());
        Self {
            customer_id: Self::id_of(connection, &contact.id),
            is_customer: true,
            role,
            email,
            first_seen_at: contact.created_at,
            last_seen_at: contact.last_seen_at,
            last_replied_at: contact.last_replied_at,
            tags: sorted(tags.iter().filter_map(|tag| name_of(tag, names)).collect()),
            company_external_ids: sorted(
                companies.unwrap_or_else(|| contact.company_ids().map(str::to_owned).collect()),
            ),
            extra: Kept::read(contact.extra, contact.updated_at),
            external_id: contact.id,
            name: contact.name,
            metadata: contact.custom_attributes,
        }
    }

    fn nobody(connection: ConnectionId, contact: Contact, role: &'static str) -> Self {
        Self {
            customer_id: Self::id_of(connection, &contact.id),
            extra: Kept::read(Extra::default(), contact.updated_at),
            external_id: contact.id,
            is_customer: false,
            role,
            email: None,
            name: None,
            first_seen_at: None,
            last_seen_at: None,
            last_replied_at: None,
            tags: Vec::new(),
            metadata: Map::new(),
            company_external_ids: Vec::new(),
        }
    }
}

/// The workspace's name of a tag wins over the one that an object carries: objects may lag behind a rename.
fn name_of(tag: &Tag, names: &TagNames) -> Option<String> {
    names.get(&tag.id).or(tag.name.as_ref()).cloned()
}

fn sorted(mut items: Vec<String>) -> Vec<String> {
    items.retain(|item| !item.is_empty());
    items.sort_unstable();
    items.dedup();
    items
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn contact(json: &Value) -> Contact {
        serde_json::from_str(&json.to_string()).unwrap()
    }

    fn names() -> TagNames {
        [("1", "vip"), ("2", "beta")]
            .map(|(id, name)| (id.to_owned(), name.to_owned()))
            .into()
    }

    fn record(json: &Value) -> ContactRecord {
        ContactRecord::new(connection(), contact(json), &names(), None, None)
    }

    fn connection() -> ConnectionId {
        ConnectionId::derive(&[b"test"])
    }

    #[test]
    fn every_field_of_a_contact_finds_its_place() {
        let record = record(&json!({
            "id": "5ba6", "role": "user", "email": "a@example.com", "name": "Ann",
            "created_at": 100, "last_seen_at": 200, "last_replied_at": 300, "signed_up_at": 1,
            "tags": {"data": [{"id": "2"}, {"id": "1"}]},
            "companies": {"data": [{"id": "c2"}, {"id": "c1"}]},
            "custom_attributes": {"plan": "pro", "seats": 3, "flags": [true, null]},
        }));
        let at = |secs| DateTime::from_timestamp(secs, 0);
        assert!(record.is_customer);
        assert_eq!(
            record.customer_id,
            ContactRecord::id_of(connection(), "5ba6")
        );
        assert_eq!((record.external_id.as_str(), record.role), ("5ba6", "user"));
        assert_eq!(record.email.as_deref(), Some("a@example.com"));
        assert_eq!(record.name.as_deref(), Some("Ann"));
        assert_eq!(record.first_seen_at, at(100));
        assert_eq!(
            (record.last_seen_at, record.last_replied_at),
            (at(200), at(300))
        );
        assert_eq!(record.tags, ["beta", "vip"]);
        assert_eq!(record.company_external_ids, ["c1", "c2"]);
        assert_eq!(
            Value::Object(record.metadata),
            json!({"plan": "pro", "seats": 3, "flags": [true, null]})
        );
    }

    #[test]
    fn a_contact_without_a_valid_address_is_no_customer_and_leaves_nothing_personal() {
        for email in [
            json!(null),
            json!(""),
            json!("call me"),
            json!("a@b"),
            json!(7),
        ] {
            let record = record(&json!({
                "id": "x", "role": "lead", "email": email.clone(), "name": "Ann", "last_seen_at": 5,
                "custom_attributes": {"phone": "1"}, "tags": {"data": [{"id": "1"}]}, "phone": "+4930123",
            }));
            let bare = contact(&json!({"id": "x"}));
            assert_eq!(
                record,
                ContactRecord::nobody(connection(), bare, "lead"),
                "{email}"
            );
            assert_eq!(record.extra.json(), None);
        }
    }

    #[test]
    fn whoever_goes_by_a_pseudonym_is_a_customer_without_name_and_address() {
        let mut contact =
            contact(&json!({"id": "ps_1", "last_seen_at": 5, "tags": {"data": [{"id": "1"}]}}));
        contact.is_pseudonymous = true;
        let record = ContactRecord::new(connection(), contact, &names(), None, None);
        assert!(record.is_customer && record.email.is_none() && record.name.is_none());
        assert_eq!(record.tags, ["vip"]);
        assert!(record.last_seen_at.is_some());
    }

    #[test]
    fn the_address_is_kept_as_written_but_trimmed() {
        let record = record(&json!({"id": "x", "email": " O&#39;Brien@Example.com "}));
        assert_eq!(record.email.as_deref(), Some("O'Brien@Example.com"));
    }

    #[test]
    fn tags_come_from_the_whole_list_where_the_contact_shows_only_ten() {
        let cut = json!({"id": "x", "email": "a@b.co", "tags": {"data": [{"id": "1"}], "has_more": true}});
        assert!(needs_tag_list(&contact(&cut), &names()));
        let all = ["9", "1"].map(|id| Tag {
            id: id.to_owned(),
            name: Some(format!("tag {id}")),
        });
        let record = ContactRecord::new(connection(), contact(&cut), &names(), Some(&all), None);
        assert_eq!(record.tags, ["tag 9", "vip"]);
    }

    #[test]
    fn a_tag_that_nobody_named_yet_is_asked_for() {
        let unknown = contact(&json!({"id": "x", "tags": {"data": [{"id": "77"}]}}));
        assert!(needs_tag_list(&unknown, &names()));
        let known = contact(&json!({"id": "x", "tags": {"data": [{"id": "2"}], "total_count": 1}}));
        assert!(!needs_tag_list(&known, &names()));
    }

    #[test]
    fn ids_are_the_same_at_every_import_and_differ_between_connections() {
        let other = ConnectionId::derive(&[b"other"]);
        assert_eq!(
            ContactRecord::id_of(connection(), "a"),
            ContactRecord::id_of(connection(), "a")
        );
        assert_ne!(
            ContactRecord::id_of(connection(), "a"),
            ContactRecord::id_of(other, "a")
        );
    }
}
