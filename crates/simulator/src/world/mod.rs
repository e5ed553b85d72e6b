//! The workspaces the simulator plays, as they are at this moment.

mod changes;
mod contact;
mod order;
#[cfg(test)]
mod tests;

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chrono_tz::Tz;

use crate::story::{
    Conversation, Deed, Event, Person, Premise, State, Story, Subject, Voice, Words,
};
pub(crate) use changes::{Added, Changes};
pub(crate) use contact::Contact;
pub(crate) use order::{Order, Span};

/// A workspace and everything in it.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// What operators and tests call it: `demo`, `small`, `empty`.
    pub(crate) key: &'static str,
    /// Intercom's workspace id, `app.id_code`.
    pub(crate) id: &'static str,
    /// As people write it, not escaped.
    pub(crate) name: &'static str,
    pub(crate) zone: Tz,
    pub(crate) region: String,
    pub(crate) story: Story,
    changes: RwLock<Changes>,
}

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

/// A change asked for that cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("no such {0} in this workspace")]
pub(crate) struct NoSuch(pub(crate) &'static str);

impl Workspace {
    pub(crate) fn new(
        (key, id, name): (&'static str, &'static str, &'static str),
        zone: Tz,
        region: String,
        premise: Premise,
    ) -> Self {
        let story = Story::new(premise);
        Self {
            key,
            id,
            name,
            zone,
            region,
            story,
            changes: RwLock::default(),
        }
    }

    pub(crate) fn look(&self) -> View<'_> {
        let changes = self.changes.read().unwrap_or_else(PoisonError::into_inner);
        View {
            workspace: self,
            changes,
        }
    }

    /// The e-mail address of the bot.
    pub(crate) fn bot_email(&self) -> String {
        format!("operator+{}@intercom.io", self.id)
    }

    /// Lets `deed` happen in a conversation at `at`; moves it and its customers.
    pub(crate) fn happen(&self, number: u64, event: Event) -> Result<(), NoSuch> {
        let Some(conversation) = self
            .look()
            .conversation(number)
            .map(|found| found.updated_at)
        else {
            return Err(NoSuch("conversation"));
        };
        let at = event.at.max(conversation);
        let customers = self.look().customers_of(number);
        let mut changes = self.change();
        changes
            .events
            .entry(number)
            .or_default()
            .push(Event { at, ..event });
        changes.conversations_by_update.put(number, at);
        for contact in customers {
            changes.contacts_by_update.put(contact, at);
        }
        Ok(())
    }

    /// A customer writes once more; a closed conversation opens by that.
    pub(crate) fn write_as_customer(
        &self,
        number: u64,
        words: Words,
        at: i64,
    ) -> Result<(), NoSuch> {
        let state = self
            .look()
            .conversation(number)
            .map(|found| found.standing().state);
        let deed = match state.ok_or(NoSuch("conversation"))? {
            State::Closed => Deed::Reopen(words),
            State::Open | State::Snoozed => Deed::Comment(words),
        };
        self.happen(
            number,
            Event {
                at,
                by: Voice::Customer(0),
                deed,
            },
        )
    }

    /// Adds a contact and tells its number.
    pub(crate) fn add_contact(&self, added: Added) -> u64 {
        let mut changes = self.change();
        let number = self.story.premise().contacts + changes.added.len() as u64;
        changes.contacts_by_update.put(number, added.at);
        changes.contacts_by_creation.put(number, added.at);
        changes.added.push(added);
        number
    }

    pub(crate) fn delete_contact(&self, number: u64) {
        let mut changes = self.change();
        changes.contacts_by_update.remove(number);
        changes.contacts_by_creation.remove(number);
    }

    pub(crate) fn delete_conversation(&self, number: u64, at: i64) {
        let mut changes = self.change();
        changes.conversations_by_update.remove(number);
        changes.deleted_conversations.push((number, at));
    }

    fn change(&self) -> RwLockWriteGuard<'_, Changes> {
        let mut changes = self.changes.write().unwrap_or_else(PoisonError::into_inner);
        changes.revision += 1;
        changes
    }
}

impl View<'_> {
    pub(crate) fn story(&self) -> &Story {
        &self.workspace.story
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
        let gone = self.changes.contacts_by_update.is_gone(number);
        let person = Person::new(self.story(), number);
        (!gone).then_some(Contact {
            view: self,
            person,
            added,
        })
    }

    pub(crate) fn find_contact(&self, id: &str) -> ContactLookup<'_> {
        let story = self.story();
        match story.ids.read_subject(id) {
            Some(Subject::Contact(number)) => self
                .contact(number)
                .map_or(ContactLookup::Unknown, ContactLookup::Found),
            Some(Subject::Merged(lead)) => match story.merge(lead) {
                Some((_, survivor)) => {
                    ContactLookup::Merged(story.ids.subject(Subject::Contact(survivor)))
                }
                None => ContactLookup::Unknown,
            },
            _ => ContactLookup::Unknown,
        }
    }

    pub(crate) fn conversation(&self, number: u64) -> Option<Conversation<'_>> {
        if number >= self.story().premise().conversations
            || self.changes.conversations_by_update.is_gone(number)
        {
            return None;
        }
        let mut conversation = self.story().conversation(number);
        if let Some(events) = self.changes.events.get(&number) {
            conversation.extend(events);
        }
        Some(conversation)
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
        self.story().conversations_of(contact)
    }

    /// Numbers of the contacts that take part and still exist.
    fn customers_of(&self, conversation: u64) -> Vec<u64> {
        let Some(conversation) = self.conversation(conversation) else {
            return Vec::new();
        };
        let known = |subject: Subject| match subject {
            Subject::Contact(number) => Some(number),
            _ => None,
        };
        conversation
            .customers
            .iter()
            .filter_map(|customer| known(customer.subject))
            .collect()
    }
}
