//! A contact as it is now: the story's person, and what changed since.

use super::View;
use super::change::Added;
use super::changes::Edits;
use crate::story::staff::{Tag, tag_by_id};
use crate::story::{Attributes, Company, Note, Participant, Person, Subject};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Contact<'a> {
    pub(super) view: &'a View<'a>,
    pub(crate) person: Person<'a>,
    pub(super) added: Option<&'a Added>,
    pub(super) edits: Option<&'a Edits>,
}

impl<'a> Contact<'a> {
    pub(crate) fn id(&self) -> String {
        self.person.id()
    }

    pub(crate) fn workspace_id(&self) -> &'static str {
        self.view.workspace.id
    }

    pub(crate) fn external_id(&self) -> Option<String> {
        match self.added {
            Some(added) => added.external_id.clone(),
            None => Some(self.person.external_id()),
        }
    }

    pub(crate) fn is_lead(&self) -> bool {
        if self.edits.is_some_and(|edits| edits.signed_up_at.is_some()) {
            return false;
        }
        self.added
            .map_or_else(|| self.person.is_lead(), |added| added.lead)
    }

    pub(crate) fn is_archived(&self) -> bool {
        self.view.changes.archived.contains(&self.person.number)
    }

    /// As people write it, not escaped.
    pub(crate) fn name(&self) -> Option<String> {
        let edited = self.edits.and_then(|edits| edits.edit.name.clone());
        edited.or_else(|| {
            self.added
                .map_or_else(|| self.person.name(), |added| added.name.clone())
        })
    }

    pub(crate) fn email(&self) -> Option<String> {
        let edited = self.edits.and_then(|edits| edits.edit.email.clone());
        edited.or_else(|| {
            self.added
                .map_or_else(|| self.person.email(), |added| added.email.clone())
        })
    }

    pub(crate) fn phone(&self) -> Option<String> {
        let edited = self.edits.and_then(|edits| edits.edit.phone.clone());
        edited.or_else(|| self.person.phone().filter(|_| self.added.is_none()))
    }

    pub(crate) fn is_unsubscribed(&self) -> bool {
        self.edits
            .and_then(|edits| edits.edit.unsubscribed)
            .unwrap_or(false)
    }

    /// None for whoever came after the epoch.
    pub(crate) fn attributes(&self) -> Option<Attributes> {
        self.added.is_none().then(|| self.person.attributes())
    }

    pub(crate) fn notes(&self) -> Vec<Note> {
        match self.added {
            Some(_) => Vec::new(),
            None => self.person.notes(),
        }
    }

    pub(crate) fn tags(&self) -> Vec<&'static Tag> {
        let told = match self.added {
            Some(_) => Vec::new(),
            None => self.person.tags(),
        };
        match self.edits {
            None => told,
            Some(edits) => {
                let ids = edits.tags.applied(told.iter().map(|tag| tag.id));
                ids.into_iter().filter_map(tag_by_id).collect()
            }
        }
    }

    /// The main one first.
    pub(crate) fn companies(&self) -> Vec<Company<'a>> {
        let told = self.person.companies();
        match self.edits {
            None => told,
            Some(edits) => {
                let numbers = told.iter().map(|company| company.number);
                let numbers = edits.companies.applied(numbers).into_iter();
                numbers
                    .filter_map(|number| self.view.story().company(number))
                    .collect()
            }
        }
    }

    pub(crate) fn belongs_to(&self, company: u64) -> bool {
        self.companies().iter().any(|own| own.number == company)
    }

    pub(crate) fn created_at(&self) -> i64 {
        self.added
            .map_or_else(|| self.person.created_at(), |added| added.at)
    }

    /// When a user became one.
    pub(crate) fn signed_up_at(&self) -> Option<i64> {
        let edited = self.edits.and_then(|edits| edits.signed_up_at);
        edited.or_else(|| (!self.is_lead()).then(|| self.created_at()))
    }

    pub(crate) fn updated_at(&self) -> i64 {
        let moved = self
            .view
            .changes
            .contacts_by_update
            .time_of(self.person.number);
        let told = || match self.added {
            Some(added) => added.at,
            None => self.person.updated_at(),
        };
        moved.unwrap_or_else(told)
    }

    pub(crate) fn last_seen_at(&self) -> Option<i64> {
        self.added
            .map_or_else(|| self.person.last_seen_at(), |added| Some(added.at))
    }

    /// When they last wrote, and when a teammate last wrote to them.
    pub(crate) fn last_words(&self) -> (Option<i64>, Option<i64>) {
        let mut latest = (None, None);
        for number in self.view.conversations_of(self.person.number) {
            // Words stay said when their conversation is deleted.
            if let Some(conversation) = self.view.remembered_conversation(number) {
                let statistics = conversation.standing().statistics;
                latest.0 = latest.0.max(statistics.last_contact_reply_at);
                latest.1 = latest.1.max(statistics.last_admin_reply_at);
            }
        }
        latest
    }

    /// The id of the lead merged into this contact, and when.
    pub(crate) fn merge(&self) -> Option<(String, i64)> {
        let story = self.view.story();
        let absorbed = self.view.changes.absorbed.get(&self.person.number);
        if let Some(&(lead, at)) = absorbed.and_then(|leads| leads.last()) {
            return Some((story.ids.subject(Subject::Contact(lead)), at));
        }
        let lead = story.merged_into(self.person.number)?;
        let (at, _) = story.merge(lead)?;
        Some((story.ids.subject(Subject::Merged(lead)), at))
    }

    /// As a conversation shows them.
    pub(super) fn participant(&self) -> Participant {
        Participant {
            subject: Subject::Contact(self.person.number),
            external_id: self.external_id(),
            name: self.name(),
            email: self.email(),
            lead: self.is_lead(),
        }
    }
}
