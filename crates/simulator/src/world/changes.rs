//! What happened after the story's epoch, folded: the overlay over what the story tells.

use std::collections::{HashMap, HashSet};

use super::change::{Added, Change, Edit, Started};
use super::order::Moved;
use crate::story::{Event, Premise};

/// A pure fold: the same changes in the same order always give the same overlay.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Grows with every change.
    pub(crate) revision: u64,
    pub(crate) contacts_by_update: Moved,
    pub(crate) contacts_by_creation: Moved,
    pub(crate) conversations_by_update: Moved,
    /// Numbered from the story's count of contacts on.
    pub(crate) added: Vec<Added>,
    /// Numbered from the story's count of conversations on.
    pub(crate) started: Vec<Started>,
    /// The started ones of a contact.
    pub(crate) started_by: HashMap<u64, Vec<u64>>,
    pub(crate) events: HashMap<u64, Vec<Event>>,
    /// By conversation: parts whose words were taken away, with when.
    pub(crate) redacted: HashMap<u64, Vec<(Option<u64>, i64)>>,
    pub(crate) edits: HashMap<u64, Edits>,
    pub(crate) archived: HashSet<u64>,
    pub(crate) gone_contacts: HashSet<u64>,
    /// The contact a lead became, and when.
    pub(crate) merged: HashMap<u64, (u64, i64)>,
    /// The leads merged into a contact, oldest first.
    pub(crate) absorbed: HashMap<u64, Vec<(u64, i64)>>,
    /// Companies that people came to, or left, after the epoch, with those who came.
    pub(crate) newcomers: HashMap<u64, Vec<u64>>,
    /// Names that companies were given, and when.
    pub(crate) renamed: HashMap<u64, (String, i64)>,
    /// Deleted conversations with the second of their deletion, oldest first.
    pub(crate) deleted_conversations: Vec<(u64, i64)>,
}

/// How a contact differs from what the story tells of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Edits {
    pub(crate) edit: Edit,
    /// When the lead became a user.
    pub(crate) signed_up_at: Option<i64>,
    pub(crate) tags: Differences,
    pub(crate) companies: Differences,
}

/// Members that came to a list, in order, and those that left it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Differences {
    pub(crate) came: Vec<u64>,
    pub(crate) left: Vec<u64>,
}

impl Differences {
    fn add(&mut self, member: u64) {
        self.left.retain(|gone| *gone != member);
        if !self.came.contains(&member) {
            self.came.push(member);
        }
    }

    fn remove(&mut self, member: u64) {
        self.came.retain(|come| *come != member);
        if !self.left.contains(&member) {
            self.left.push(member);
        }
    }

    /// The told list with the differences applied.
    pub(crate) fn applied(&self, told: impl Iterator<Item = u64>) -> Vec<u64> {
        let stayed = told.filter(|member| !self.left.contains(member));
        let mut members: Vec<u64> = stayed.collect();
        for &member in &self.came {
            if !members.contains(&member) {
                members.push(member);
            }
        }
        members
    }
}

impl Changes {
    /// Lets `change` have happened; `customers` take part in the conversation it is about.
    pub(crate) fn apply(&mut self, premise: Premise, change: &Change, customers: &[u64]) {
        self.revision += 1;
        let at = change.at();
        match change {
            Change::ConversationStarted(started) => self.start(premise, started),
            Change::Happened {
                conversation,
                event,
            } => {
                let events = self.events.entry(*conversation).or_default();
                events.push(event.clone());
                self.conversations_by_update.put(*conversation, at);
            }
            Change::Redacted {
                conversation, part, ..
            } => {
                let redacted = self.redacted.entry(*conversation).or_default();
                redacted.push((*part, at));
                self.conversations_by_update.put(*conversation, at);
            }
            Change::ConversationDeleted { conversation, .. } => {
                self.conversations_by_update.remove(*conversation);
                self.deleted_conversations.push((*conversation, at));
            }
            Change::ContactAdded(added) => self.add(premise, added),
            Change::ContactEdited { contact, edit, .. } => {
                self.edits.entry(*contact).or_default().edit.take(edit);
                self.move_contact(*contact, at);
            }
            Change::ContactArchived { contact, .. } => {
                self.archived.insert(*contact);
                self.unlist(*contact);
            }
            Change::ContactUnarchived { contact, .. } => {
                self.archived.remove(contact);
                self.relist(premise, *contact);
                self.move_contact(*contact, at);
            }
            Change::ContactDeleted { contact, .. } => {
                self.gone_contacts.insert(*contact);
                self.unlist(*contact);
            }
            Change::LeadSignedUp { contact, .. } => {
                self.edits.entry(*contact).or_default().signed_up_at = Some(at);
                self.move_contact(*contact, at);
            }
            Change::LeadMerged { lead, into, .. } => {
                self.merged.insert(*lead, (*into, at));
                self.absorbed.entry(*into).or_default().push((*lead, at));
                self.gone_contacts.insert(*lead);
                self.unlist(*lead);
                self.move_contact(*into, at);
            }
            Change::ContactTagged { contact, tag, .. } => {
                self.edits.entry(*contact).or_default().tags.add(*tag);
                self.move_contact(*contact, at);
            }
            Change::ContactUntagged { contact, tag, .. } => {
                self.edits.entry(*contact).or_default().tags.remove(*tag);
                self.move_contact(*contact, at);
            }
            Change::CompanyAttached {
                contact, company, ..
            } => {
                self.newcomers.entry(*company).or_default().push(*contact);
                self.employed(*contact, |companies| companies.add(*company), at);
            }
            Change::CompanyDetached {
                contact, company, ..
            } => {
                self.newcomers.entry(*company).or_default();
                self.employed(*contact, |companies| companies.remove(*company), at);
            }
            Change::CompanyRenamed { company, name, .. } => {
                self.renamed.insert(*company, (name.clone(), at));
            }
        }
        for &customer in customers {
            self.move_contact(customer, at);
        }
    }

    fn start(&mut self, premise: Premise, started: &Started) {
        let number = premise.conversations + self.started.len() as u64;
        self.conversations_by_update.put(number, started.at);
        let of_contact = self.started_by.entry(started.contact).or_default();
        of_contact.push(number);
        self.started.push(started.clone());
    }

    fn add(&mut self, premise: Premise, added: &Added) {
        let number = premise.contacts + self.added.len() as u64;
        self.contacts_by_update.put(number, added.at);
        self.contacts_by_creation.put(number, added.at);
        self.added.push(added.clone());
    }

    fn employed(&mut self, contact: u64, differ: impl FnOnce(&mut Differences), at: i64) {
        differ(&mut self.edits.entry(contact).or_default().companies);
        self.move_contact(contact, at);
    }

    /// Archived and deleted contacts are in no list.
    fn move_contact(&mut self, contact: u64, at: i64) {
        if !self.archived.contains(&contact) && !self.gone_contacts.contains(&contact) {
            self.contacts_by_update.put(contact, at);
        }
    }

    fn relist(&mut self, premise: Premise, contact: u64) {
        let index = contact.checked_sub(premise.contacts);
        let index = index.and_then(|index| usize::try_from(index).ok());
        match index.and_then(|index| self.added.get(index)) {
            Some(added) => self.contacts_by_creation.put(contact, added.at),
            None => self.contacts_by_creation.restore(contact),
        }
    }

    fn unlist(&mut self, contact: u64) {
        self.contacts_by_update.remove(contact);
        self.contacts_by_creation.remove(contact);
    }
}

impl Edit {
    /// Keeps what is told and takes what is new.
    fn take(&mut self, newer: &Self) {
        let Self {
            name,
            email,
            phone,
            unsubscribed,
        } = newer.clone();
        self.name = name.or_else(|| self.name.take());
        self.email = email.or_else(|| self.email.take());
        self.phone = phone.or_else(|| self.phone.take());
        self.unsubscribed = unsubscribed.or(self.unsubscribed);
    }
}
