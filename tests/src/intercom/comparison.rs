use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use harken_contracts::wire::directory::v1;
use harken_contracts::wire::events::v1::Part;
use harken_domain::{ConnectionId, CustomerId};
use prost_types::Timestamp;

use super::told::{Contact, Conversation};
use super::{Held, Told};

/// Days that a full import goes back.
const BACKFILL_DAYS: i64 = 90;
/// Examples of each kind of difference that are told.
const SHOWN: usize = 4;

/// A mirror held against the workspace that it mirrors, record by record.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Records and parts that were compared.
    pub compared: usize,
    /// In the workspace, not in the mirror.
    pub missing: Vec<String>,
    /// In the mirror twice, or never in the workspace.
    pub doubled: Vec<String>,
    /// Not as the workspace has it.
    pub stale: Vec<String>,
    /// Gone from the workspace, still in the mirror.
    pub gone: Vec<String>,
}

/// A contact as far as the mirror keeps it; of one without an address, that it exists.
#[derive(Debug, PartialEq)]
struct ContactView<'a> {
    role: &'a str,
    email: Option<&'a str>,
    name: Option<&'a str>,
    first_seen_at: Option<i64>,
    last_seen_at: Option<i64>,
    last_replied_at: Option<i64>,
    tags: BTreeSet<&'a str>,
    companies: BTreeSet<&'a str>,
}

#[derive(Debug, PartialEq)]
struct ConversationView {
    status: String,
    created_at: Option<i64>,
    updated_at: i64,
    first_response_secs: Option<i64>,
    resolution_secs: Option<i64>,
    reopen_count: u32,
    assignment_count: u32,
    tags: BTreeSet<String>,
    customers: BTreeSet<String>,
}

impl Comparison {
    /// Holds what is held of `connection` against what is true.
    pub fn new(connection: ConnectionId, told: &Told, held: &Held) -> Self {
        let mut comparison = Self {
            doubled: held.doubled.clone(),
            ..Self::default()
        };
        comparison.contacts(told, held);
        comparison.companies(told, held);
        comparison.conversations(connection, told, held);
        comparison
    }

    /// Whether there is no difference.
    pub fn is_same(&self) -> bool {
        self.differences() == 0
    }

    /// The numbers in one line.
    pub fn words(&self) -> String {
        format!(
            "{} records and parts compared: missing {}, doubled {}, stale {}, gone {}",
            self.compared,
            self.missing.len(),
            self.doubled.len(),
            self.stale.len(),
            self.gone.len()
        )
    }

    /// Some of the differences in words.
    pub fn examples(&self) -> Vec<String> {
        let kinds = [
            ("missing", &self.missing),
            ("doubled", &self.doubled),
            ("stale", &self.stale),
            ("gone", &self.gone),
        ];
        let some = kinds.into_iter().flat_map(|(kind, all)| {
            let some = all.iter().take(SHOWN);
            some.map(move |words| format!("{kind}: {words}"))
        });
        some.collect()
    }

    fn differences(&self) -> usize {
        self.missing.len() + self.doubled.len() + self.stale.len() + self.gone.len()
    }

    fn contacts(&mut self, told: &Told, held: &Held) {
        for (id, contact) in &told.contacts {
            self.compared += 1;
            let what = format!("contact {id}");
            match held.contacts.get(id) {
                None => self.missing.push(what),
                Some(held) => self.same(&what, &of_told(contact), &of_held(held)),
            }
        }
        self.extra("contact", told, &told.contacts, &held.contacts);
    }

    fn companies(&mut self, told: &Told, held: &Held) {
        for (id, company) in &told.companies {
            self.compared += 1;
            let what = format!("company {id}");
            match held.companies.get(id) {
                None => self.missing.push(what),
                Some(held) => self.same(
                    &what,
                    &(&company.name, &company.plan),
                    &(&held.name, &held.plan),
                ),
            }
        }
        self.extra("company", told, &told.companies, &held.companies);
    }

    fn conversations(&mut self, connection: ConnectionId, told: &Told, held: &Held) {
        let archived = told.gone.iter().filter(|(_, gone)| !gone.for_good());
        let archived: BTreeSet<String> = archived
            .map(|(contact, _)| customer_id(connection, contact))
            .collect();
        for (id, conversation) in &told.conversations {
            let what = format!("conversation {id}");
            let Some(found) = held.conversations.get(id) else {
                if told.is_wanted(conversation, BACKFILL_DAYS) == Some(true) {
                    self.compared += 1;
                    self.missing.push(what);
                }
                continue;
            };
            self.compared += 1;
            let customers = told.customers_of(conversation);
            let customers = customers.map(|contact| customer_id(connection, contact));
            let expected = of_conversation(conversation, customers.collect());
            let mut found_view = of_mirrored(found);
            // Archived contacts are in no list, and may still take part.
            found_view.customers.retain(|id| !archived.contains(id));
            self.same(&what, &expected, &found_view);
            if conversation.title.is_some() {
                let what = format!("title of conversation {id}");
                self.same(&what, &conversation.title, &found.title);
            }
            let none = BTreeMap::new();
            self.parts(id, conversation, held.parts.get(id).unwrap_or(&none));
        }
        self.extra(
            "conversation",
            told,
            &told.conversations,
            &held.conversations,
        );
        let orphans = held.parts.keys();
        let orphans = orphans.filter(|id| !held.conversations.contains_key(*id));
        self.gone
            .extend(orphans.map(|id| format!("parts of conversation {id}, which is not held")));
    }

    fn parts(&mut self, id: &str, told: &Conversation, held: &BTreeMap<String, Part>) {
        self.compared += held.len();
        let source = "source".to_owned();
        let expected = || told.part_ids.iter().chain([&source]);
        let missing = expected().filter(|part| !held.contains_key(*part));
        self.missing
            .extend(missing.map(|part| format!("part {part} of conversation {id}")));
        // Of more than 500 the mirror may hold what Intercom does not show any more.
        let shows_all = told.parts == told.part_ids.len();
        let known: BTreeSet<&String> = expected().collect();
        let strange = held
            .keys()
            .filter(|part| shows_all && !known.contains(part));
        self.doubled
            .extend(strange.map(|part| format!("part {part} of conversation {id} never was")));
        for (part, found) in held {
            let is_redacted = told.redacted_part_ids.contains(part);
            if is_redacted && (found.text.is_some() || !found.is_redacted) {
                self.stale
                    .push(format!("part {part} of conversation {id} is redacted"));
            }
        }
    }

    fn same<T: PartialEq + Debug>(&mut self, what: &str, expected: &T, found: &T) {
        if expected != found {
            self.stale
                .push(format!("{what}: {found:?} instead of {expected:?}"));
        }
    }

    /// What the mirror has and the workspace has not.
    fn extra<A, B>(
        &mut self,
        what: &str,
        told: &Told,
        expected: &BTreeMap<String, A>,
        found: &BTreeMap<String, B>,
    ) {
        for id in found.keys().filter(|id| !expected.contains_key(*id)) {
            match told.gone.get(id) {
                Some(gone) if gone.for_good() => self.gone.push(format!("{what} {id}")),
                Some(_) => {}
                None => self.doubled.push(format!("{what} {id} never was")),
            }
        }
    }
}

fn of_told(contact: &Contact) -> ContactView<'_> {
    let role = contact.role.as_str();
    if !contact.valid_email {
        return nobody(role);
    }
    ContactView {
        role,
        email: contact.email.as_deref(),
        name: contact.name.as_deref(),
        first_seen_at: contact.created_at,
        last_seen_at: contact.last_seen_at,
        last_replied_at: contact.last_replied_at,
        tags: contact.tags.iter().map(String::as_str).collect(),
        companies: contact.companies.iter().map(String::as_str).collect(),
    }
}

fn of_held(contact: &v1::Customer) -> ContactView<'_> {
    let role = contact.contact_role.as_str();
    ContactView {
        role,
        email: contact.email.as_deref(),
        name: contact.name.as_deref(),
        first_seen_at: secs(contact.first_seen_at.as_ref()),
        last_seen_at: secs(contact.last_seen_at.as_ref()),
        last_replied_at: secs(contact.last_replied_at.as_ref()),
        tags: contact.tags.iter().map(String::as_str).collect(),
        companies: contact
            .companies
            .iter()
            .map(|company| company.external_id.as_str())
            .collect(),
    }
}

const fn nobody(role: &str) -> ContactView<'_> {
    ContactView {
        role,
        email: None,
        name: None,
        first_seen_at: None,
        last_seen_at: None,
        last_replied_at: None,
        tags: BTreeSet::new(),
        companies: BTreeSet::new(),
    }
}

fn of_conversation(conversation: &Conversation, customers: BTreeSet<String>) -> ConversationView {
    ConversationView {
        status: conversation.state.clone(),
        created_at: conversation.created_at,
        updated_at: conversation.updated_at,
        first_response_secs: conversation.time_to_admin_reply,
        resolution_secs: conversation.time_to_last_close,
        reopen_count: conversation.count_reopens,
        assignment_count: conversation.count_assignments,
        tags: conversation.tag_names.clone(),
        customers,
    }
}

fn of_mirrored(conversation: &v1::Conversation) -> ConversationView {
    let status = conversation.status().as_str_name();
    ConversationView {
        status: status
            .trim_start_matches("CONVERSATION_STATUS_")
            .to_ascii_lowercase(),
        created_at: secs(conversation.created_at.as_ref()),
        updated_at: secs(conversation.updated_at.as_ref()).unwrap_or_default(),
        first_response_secs: conversation.first_response_secs,
        resolution_secs: conversation.resolution_secs,
        reopen_count: conversation.reopen_count,
        assignment_count: conversation.assignment_count,
        tags: conversation.tags.iter().cloned().collect(),
        customers: conversation.customer_ids.iter().cloned().collect(),
    }
}

fn customer_id(connection: ConnectionId, contact: &str) -> String {
    CustomerId::derive(&[connection.as_uuid().as_bytes(), contact.as_bytes()]).to_string()
}

fn secs(at: Option<&Timestamp>) -> Option<i64> {
    at.map(|at| at.seconds)
}
