use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use harken_domain::EmailAddress;
use serde_json::Value;
use sqlx::PgPool;

use super::House;

/// What the simulator knows to be true, in the mirror's words.
pub(crate) struct Truth {
    pub(crate) contacts: BTreeMap<String, Contact>,
    pub(crate) conversations: BTreeMap<String, Conversation>,
    /// Conversations in which no customer takes part.
    pub(crate) strangers: BTreeSet<String>,
    pub(crate) contacts_with_many_tags: usize,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Contact {
    is_customer: bool,
    email: Option<String>,
    name: Option<String>,
    role: String,
    first_seen_at: Option<i64>,
    last_seen_at: Option<i64>,
    last_replied_at: Option<i64>,
    tags: BTreeSet<String>,
    companies: BTreeSet<String>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Conversation {
    status: String,
    created_at: Option<i64>,
    updated_at: i64,
    first_response_secs: Option<i64>,
    resolution_secs: Option<i64>,
    reopen_count: i64,
    assignment_count: i64,
    /// Events of the story; the mirror holds the opening message besides.
    parts: i64,
    customers: BTreeSet<String>,
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn texts(value: &Value) -> BTreeSet<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(text)
        .collect()
}

impl Truth {
    pub(super) fn new(contacts: &[Value], conversations: &[Value]) -> Self {
        let contacts_with_many_tags = contacts
            .iter()
            .filter(|line| texts(&line["tags"]).len() > 10)
            .count();
        let contacts: BTreeMap<String, Contact> = contacts
            .iter()
            .map(|line| (line["id"].as_str().unwrap().to_owned(), contact(line)))
            .collect();
        let mut strangers = BTreeSet::new();
        let mut known = BTreeMap::new();
        for line in conversations {
            let id = line["id"].as_str().unwrap().to_owned();
            let mut customers: BTreeSet<String> = texts(&line["contacts"]);
            customers.extend(text(&line["merged_into"]));
            customers.retain(|id| contacts.get(id).is_some_and(|contact| contact.is_customer));
            if customers.is_empty() {
                strangers.insert(id);
            } else {
                known.insert(id, conversation(line, customers));
            }
        }
        Self {
            contacts,
            conversations: known,
            strangers,
            contacts_with_many_tags,
        }
    }

    /// Ids, names and addresses of people.
    pub(crate) fn people(&self) -> impl Iterator<Item = &str> {
        self.contacts.iter().flat_map(|(id, contact)| {
            let told = [contact.email.as_deref(), contact.name.as_deref()];
            told.into_iter().flatten().chain([id.as_str()])
        })
    }

    /// When each conversation of a customer last changed.
    pub(crate) fn times(&self) -> impl Iterator<Item = (&str, i64)> {
        let times = self.conversations.iter();
        times.map(|(id, conversation)| (id.as_str(), conversation.updated_at))
    }

    pub(crate) fn customers(&self) -> usize {
        self.contacts
            .values()
            .filter(|contact| contact.is_customer)
            .count()
    }

    /// Fails unless the mirror is exactly this.
    pub(crate) async fn assert_mirrored(&self, house: &House) {
        let contacts = mirrored_contacts(&house.pool).await;
        assert_same("contact", &self.contacts, &contacts);
        let conversations = mirrored_conversations(&house.pool).await;
        assert_same("conversation", &self.conversations, &conversations);
        self.assert_parts(&house.pool).await;
    }

    /// Fails unless the mirror's conversations are exactly these. Of contacts the simulator forgets that they replied once
    /// the conversation is deleted, without their `updated_at` moving.
    pub(crate) async fn assert_conversations_mirrored(&self, house: &House) {
        let conversations = mirrored_conversations(&house.pool).await;
        assert_same("conversation", &self.conversations, &conversations);
        self.assert_parts(&house.pool).await;
    }

    async fn assert_parts(&self, pool: &PgPool) {
        let held: HashMap<String, i64> = sqlx::query_as(
            "SELECT conversation_external_id, count(*) FROM sync.parts GROUP BY conversation_external_id",
        )
        .fetch_all(pool)
        .await
        .unwrap()
        .into_iter()
        .collect();
        for (id, conversation) in &self.conversations {
            let expected = conversation.parts.min(500) + 1;
            assert_eq!(held.get(id), Some(&expected), "parts of conversation {id}");
        }
        assert_eq!(
            held.len(),
            self.conversations.len(),
            "parts without a conversation"
        );
    }
}

fn contact(line: &Value) -> Contact {
    let email = text(&line["email"]).filter(|email| EmailAddress::parse(email).is_ok());
    let is_customer = email.is_some();
    // Of others nothing is kept but that they exist.
    let told = |value: Option<i64>| value.filter(|_| is_customer);
    Contact {
        is_customer,
        name: text(&line["name"]).filter(|_| is_customer),
        role: text(&line["role"]).unwrap(),
        first_seen_at: told(line["created_at"].as_i64()),
        last_seen_at: told(line["last_seen_at"].as_i64()),
        last_replied_at: told(line["last_replied_at"].as_i64()),
        tags: if is_customer {
            texts(&line["tags"])
        } else {
            BTreeSet::new()
        },
        companies: if is_customer {
            texts(&line["companies"])
        } else {
            BTreeSet::new()
        },
        email,
    }
}

fn conversation(line: &Value, customers: BTreeSet<String>) -> Conversation {
    Conversation {
        status: text(&line["state"]).unwrap(),
        created_at: line["created_at"].as_i64(),
        updated_at: line["updated_at"].as_i64().unwrap(),
        first_response_secs: line["time_to_admin_reply"].as_i64(),
        resolution_secs: line["time_to_last_close"].as_i64(),
        reopen_count: line["count_reopens"].as_i64().unwrap_or(0),
        assignment_count: line["count_assignments"].as_i64().unwrap_or(0),
        parts: line["parts"].as_i64().unwrap(),
        customers,
    }
}

type At = Option<DateTime<Utc>>;

fn secs(at: At) -> Option<i64> {
    at.map(|at| at.timestamp())
}

async fn mirrored_contacts(pool: &PgPool) -> BTreeMap<String, Contact> {
    type Row = (
        String,
        bool,
        Option<String>,
        Option<String>,
        String,
        At,
        At,
        At,
        Vec<String>,
        Vec<String>,
    );
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT external_id, is_customer, email, name, contact_role, first_seen_at, last_seen_at, last_replied_at,
                tags, company_external_ids FROM sync.contacts",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    rows.into_iter()
        .map(
            |(id, is_customer, email, name, role, first, seen, replied, tags, companies)| {
                let contact = Contact {
                    is_customer,
                    email,
                    name,
                    role,
                    first_seen_at: secs(first),
                    last_seen_at: secs(seen),
                    last_replied_at: secs(replied),
                    tags: tags.into_iter().collect(),
                    companies: companies.into_iter().collect(),
                };
                (id, contact)
            },
        )
        .collect()
}

async fn mirrored_conversations(pool: &PgPool) -> BTreeMap<String, Conversation> {
    type Row = (
        String,
        String,
        At,
        DateTime<Utc>,
        Option<i64>,
        Option<i64>,
        i32,
        i32,
        Option<i32>,
        Vec<String>,
    );
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT external_id, status, created_at, updated_at, first_response_secs, resolution_secs, reopen_count,
                assignment_count, parts_held,
                ARRAY(SELECT contacts.external_id FROM sync.contacts WHERE customer_id = ANY (customer_ids))
         FROM sync.conversations",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    rows.into_iter()
        .map(
            |(
                id,
                status,
                created,
                updated,
                first,
                resolution,
                reopens,
                assignments,
                parts,
                customers,
            )| {
                let conversation = Conversation {
                    status,
                    created_at: secs(created),
                    updated_at: updated.timestamp(),
                    first_response_secs: first,
                    resolution_secs: resolution,
                    reopen_count: reopens.into(),
                    assignment_count: assignments.into(),
                    parts: i64::from(parts.unwrap()) - 1,
                    customers: customers.into_iter().collect(),
                };
                (id, conversation)
            },
        )
        .collect()
}

fn assert_same<V: PartialEq + std::fmt::Debug + Capped>(
    what: &str,
    truth: &BTreeMap<String, V>,
    mirror: &BTreeMap<String, V>,
) {
    for (id, expected) in truth {
        match mirror.get(id) {
            None => panic!("{what} {id} is missing in the mirror: {expected:?}"),
            Some(held) => assert!(
                held.is(expected),
                "{what} {id}: {held:?} instead of {expected:?}"
            ),
        }
    }
    for id in mirror.keys() {
        assert!(
            truth.contains_key(id),
            "{what} {id} should not be in the mirror"
        );
    }
}

/// Whether a mirrored record is the true one, as far as Intercom tells the truth.
trait Capped {
    fn is(&self, truth: &Self) -> bool;
}

impl Capped for Contact {
    fn is(&self, truth: &Self) -> bool {
        self == truth
    }
}

impl Capped for Conversation {
    fn is(&self, truth: &Self) -> bool {
        self.parts == truth.parts.min(500)
            && Self {
                parts: 0,
                ..self.plain()
            } == Self {
                parts: 0,
                ..truth.plain()
            }
    }
}

impl Conversation {
    fn plain(&self) -> Self {
        Self {
            status: self.status.clone(),
            customers: self.customers.clone(),
            ..*self
        }
    }
}

impl Conversation {
    pub(crate) fn updated_at(&self) -> i64 {
        self.updated_at
    }
}
