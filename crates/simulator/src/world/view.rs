//! A look at a workspace: what the story tells, with what changed since laid over it.

use std::sync::RwLockReadGuard;

use super::changes::Changes;
use super::order::Order;
use super::{Contact, Started, Workspace};
use crate::story::{Company, Conversation, Deed, Participant, Person, Story, Subject, Timeline};

/// A workspace that holds still while it is looked at.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) changes: RwLockReadGuard<'a, Changes>,
}

/// What an id of 24 digits leads to.
#[derive(Debug)]
pub(crate) enum ContactLookup<'a> {
    Found(Contact<'a>),
    /// The id of the contact it became.
    Merged(String),
    Unknown,
}

impl View<'_> {
    pub(crate) fn story(&self) -> &Story {
        &self.workspace.story
    }

    /// Grows with every change.
    pub(crate) fn revision(&self) -> u64 {
        self.changes.revision
    }

    pub(crate) fn contacts_by_update(&self) -> Order<'_> {
        Order {
            ladder: &self.story().contacts_by_update,
            moved: &self.changes.contacts_by_update,
        }
    }

    pub(crate) fn contacts_by_creation(&self) -> Order<'_> {
        Order {
            ladder: &self.story().contacts_by_creation,
            moved: &self.changes.contacts_by_creation,
        }
    }

    pub(crate) fn conversations_by_update(&self) -> Order<'_> {
        Order {
            ladder: &self.story().conversations_by_update,
            moved: &self.changes.conversations_by_update,
        }
    }

    pub(crate) fn contact(&self, number: u64) -> Option<Contact<'_>> {
        let told = self.story().premise().contacts;
        let added = match number.checked_sub(told) {
            Some(index) => Some(self.changes.added.get(usize::try_from(index).ok()?)?),
            None => None,
        };
        if self.changes.gone_contacts.contains(&number) {
            return None;
        }
        Some(Contact {
            view: self,
            person: Person::new(self.story(), number),
            added,
            edits: self.changes.edits.get(&number),
        })
    }

    /// How many numbers of contacts were given away, gone ones included.
    pub(crate) fn contact_numbers(&self) -> u64 {
        self.story().premise().contacts + self.changes.added.len() as u64
    }

    pub(crate) fn conversation_numbers(&self) -> u64 {
        self.story().premise().conversations + self.changes.started.len() as u64
    }

    pub(crate) fn find_contact(&self, id: &str) -> ContactLookup<'_> {
        let story = self.story();
        match story.ids.read_subject(id) {
            Some(Subject::Contact(number)) => match self.contact(number) {
                Some(contact) => ContactLookup::Found(contact),
                None => self.survivor(number),
            },
            Some(Subject::Merged(lead)) => match story.merge(lead) {
                Some((_, survivor)) => {
                    ContactLookup::Merged(story.ids.subject(Subject::Contact(survivor)))
                }
                None => ContactLookup::Unknown,
            },
            _ => ContactLookup::Unknown,
        }
    }

    fn survivor(&self, lead: u64) -> ContactLookup<'_> {
        match self.changes.merged.get(&lead) {
            Some((into, _)) => {
                ContactLookup::Merged(self.story().ids.subject(Subject::Contact(*into)))
            }
            None => ContactLookup::Unknown,
        }
    }

    pub(crate) fn conversation(&self, number: u64) -> Option<Conversation<'_>> {
        if self.changes.conversations_by_update.is_gone(number) {
            return None;
        }
        self.remembered_conversation(number)
    }

    /// A conversation as it is or last was.
    pub(super) fn remembered_conversation(&self, number: u64) -> Option<Conversation<'_>> {
        let told = self.story().premise().conversations;
        let mut conversation = match number.checked_sub(told) {
            None => self.story().conversation(number),
            Some(index) => {
                let started = self.changes.started.get(usize::try_from(index).ok()?)?;
                self.begun(number, started)
            }
        };
        for customer in &mut conversation.customers {
            if let Subject::Contact(contact) = customer.subject
                && let Some(changed) = self.changed_participant(contact)
            {
                *customer = changed;
            }
        }
        if let Some(events) = self.changes.events.get(&number) {
            for event in events {
                if let Deed::AddParticipant(contact) = event.deed {
                    conversation.customers.push(self.participant(contact));
                }
            }
            conversation.extend(events);
        }
        if let Some(redacted) = self.changes.redacted.get(&number) {
            conversation.redacted.clone_from(redacted);
            let moved = self.changes.conversations_by_update.time_of(number);
            conversation.updated_at = conversation.updated_at.max(moved.unwrap_or(0));
        }
        Some(conversation)
    }

    fn begun(&self, number: u64, started: &Started) -> Conversation<'_> {
        let timeline = Timeline {
            starts_at: started.at,
            opened_by: started.by,
            by_hand: true,
            opener: started.words.clone(),
            events: Vec::new(),
        };
        let (topic, channel) = (started.topic, started.channel);
        let mut begun = Conversation::begun(self.story(), number, topic, channel, timeline);
        begun.customers.push(self.participant(started.contact));
        begun
    }

    /// None where the story still tells it right.
    fn changed_participant(&self, contact: u64) -> Option<Participant> {
        let edited = self.changes.edits.contains_key(&contact);
        edited.then(|| self.participant(contact))
    }

    /// A contact as a conversation shows it, even when it is gone.
    fn participant(&self, contact: u64) -> Participant {
        self.remembered(contact).participant()
    }

    /// A contact as it is or last was.
    pub(crate) fn remembered(&self, contact: u64) -> Contact<'_> {
        let told = self.story().premise().contacts;
        let index = contact.checked_sub(told);
        let index = index.and_then(|index| usize::try_from(index).ok());
        Contact {
            view: self,
            person: Person::new(self.story(), contact),
            added: index.and_then(|index| self.changes.added.get(index)),
            edits: self.changes.edits.get(&contact),
        }
    }

    /// The main company of a conversation's customer.
    pub(crate) fn company_of(&self, conversation: &Conversation<'_>) -> Option<Company<'_>> {
        match conversation.customers[0].subject {
            Subject::Contact(number) => self.contact(number)?.companies().first().copied(),
            _ => None,
        }
    }

    pub(crate) fn user_count(&self, company: Company<'_>) -> u64 {
        if self.changes.newcomers.contains_key(&company.number) {
            self.people_of(company).len() as u64
        } else {
            company.user_count()
        }
    }

    /// Contacts that belong to a company now.
    pub(crate) fn people_of(&self, company: Company<'_>) -> Vec<Contact<'_>> {
        let came = self.changes.newcomers.get(&company.number);
        let told = self.story().company(company.number);
        let told = told
            .into_iter()
            .flat_map(|company| company.people().map(|person| person.number));
        let mut numbers: Vec<u64> = told.collect();
        for &number in came.into_iter().flatten() {
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        let contacts = numbers
            .into_iter()
            .filter_map(|number| self.contact(number));
        contacts
            .filter(|contact| contact.edits.is_none() || contact.belongs_to(company.number))
            .collect()
    }

    /// Unix seconds; cheaper than telling the conversation.
    pub(crate) fn conversation_updated_at(&self, number: u64) -> i64 {
        let moved = self.changes.conversations_by_update.time_of(number);
        moved.unwrap_or_else(|| self.story().conversations_by_update.time_of(number))
    }

    pub(crate) fn find_conversation(&self, id: &str) -> Option<Conversation<'_>> {
        self.conversation(self.story().ids.read_conversation(id)?)
    }

    pub(crate) fn conversations_of(&self, contact: u64) -> Vec<u64> {
        let mut numbers = self.story().conversations_of(contact);
        let started = |contact: &u64| self.changes.started_by.get(contact).into_iter().flatten();
        numbers.extend(started(&contact));
        for (lead, _) in self.changes.absorbed.get(&contact).into_iter().flatten() {
            numbers.extend(self.story().conversations_of(*lead));
            numbers.extend(started(lead));
        }
        numbers
    }

    /// Numbers of the contacts that take part and still exist; of merged leads, who they became.
    pub(super) fn customers_of(&self, conversation: u64) -> Vec<u64> {
        let Some(conversation) = self.conversation(conversation) else {
            return Vec::new();
        };
        let customers = conversation.customers.iter();
        customers
            .filter_map(|customer| Some(self.customer(customer.subject)?.person.number))
            .collect()
    }

    /// The contact that a participant is today; none where it cannot be read any more.
    pub(crate) fn customer(&self, subject: Subject) -> Option<Contact<'_>> {
        let number = match subject {
            Subject::Contact(number) => match self.changes.merged.get(&number) {
                Some((survivor, _)) => *survivor,
                None => number,
            },
            Subject::Merged(lead) => self.story().merge(lead)?.1,
            Subject::Ghost(_) | Subject::Company(_) => return None,
        };
        self.contact(number)
    }

    /// As people write it, not escaped.
    pub(crate) fn company_name(&self, company: &Company<'_>) -> String {
        let renamed = self.changes.renamed.get(&company.number);
        renamed.map_or_else(|| company.name(), |(name, _)| name.clone())
    }

    pub(crate) fn company_updated_at(&self, company: &Company<'_>) -> i64 {
        let renamed = self.changes.renamed.get(&company.number);
        renamed.map_or(0, |(_, at)| *at).max(company.updated_at())
    }
}
