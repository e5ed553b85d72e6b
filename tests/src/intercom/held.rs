use std::collections::BTreeMap;

use harken_contracts::wire::directory::v1::{Conversation, Customer, ExportBatch, ExportKind};
use harken_contracts::wire::events::v1::{CompanyRecord, Part};

/// Everything that the mirror shows of a connection, as `directory.v1` exports it.
#[derive(Clone, Debug, Default)]
pub struct Held {
    pub(super) contacts: BTreeMap<String, Customer>,
    pub(super) conversations: BTreeMap<String, Conversation>,
    pub(super) companies: BTreeMap<String, CompanyRecord>,
    /// By conversation and id; opening messages as `source`.
    pub(super) parts: BTreeMap<String, BTreeMap<String, Part>>,
    /// What was shown more than once.
    pub(super) doubled: Vec<String>,
}

impl Held {
    /// What has to be exported.
    pub const KINDS: [ExportKind; 4] = [
        ExportKind::Contacts,
        ExportKind::Companies,
        ExportKind::Conversations,
        ExportKind::Parts,
    ];

    /// Takes in what was exported.
    pub fn take(&mut self, batch: ExportBatch) {
        let ExportBatch {
            contacts,
            companies,
            conversations,
            parts,
        } = batch;
        for contact in contacts {
            let id = contact.external_id.clone();
            let before = self.contacts.insert(id.clone(), contact);
            self.note(before.is_some(), "contact", &id);
        }
        for company in companies.into_iter().filter_map(|it| it.company) {
            let id = company.external_id.clone();
            let before = self.companies.insert(id.clone(), company);
            self.note(before.is_some(), "company", &id);
        }
        for conversation in conversations {
            let id = conversation.external_id.clone();
            let before = self.conversations.insert(id.clone(), conversation);
            self.note(before.is_some(), "conversation", &id);
        }
        for exported in parts {
            let Some(part) = exported.part else { continue };
            let conversation = exported.conversation_external_id;
            let id = match part.external_id.split_once(':') {
                Some((source, _)) => source.to_owned(),
                None => part.external_id.clone(),
            };
            let parts = self.parts.entry(conversation.clone()).or_default();
            let before = parts.insert(id.clone(), part);
            self.note(before.is_some(), &format!("part of {conversation}"), &id);
        }
    }

    fn note(&mut self, is_double: bool, what: &str, id: &str) {
        if is_double {
            self.doubled.push(format!("{what} {id} is shown twice"));
        }
    }

    /// Conversations in the mirror.
    pub fn conversation_count(&self) -> usize {
        self.conversations.len()
    }

    /// Parts in the mirror, opening messages included.
    pub fn part_count(&self) -> usize {
        self.parts.values().map(BTreeMap::len).sum()
    }

    /// How many contacts with an address, and how many others.
    pub fn contact_counts(&self) -> (usize, usize) {
        let customers = self.contacts.values().filter(|it| it.email.is_some());
        let customers = customers.count();
        (customers, self.contacts.len() - customers)
    }
}
