//! A contact as it is now: the story's person, and what changed since.

use super::View;
use super::changes::Added;
use crate::story::{Person, Subject};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Contact<'a> {
    pub(super) view: &'a View<'a>,
    pub(crate) person: Person<'a>,
    pub(super) added: Option<&'a Added>,
}

impl Contact<'_> {
    pub(crate) fn id(&self) -> String {
        self.person.id()
    }

    pub(crate) fn external_id(&self) -> Option<String> {
        match self.added {
            Some(added) => added.external_id.clone(),
            None => Some(self.person.external_id()),
        }
    }

    pub(crate) fn is_lead(&self) -> bool {
        self.added
            .map_or_else(|| self.person.is_lead(), |added| added.lead)
    }

    /// As people write it, not escaped.
    pub(crate) fn name(&self) -> Option<String> {
        self.added
            .map_or_else(|| self.person.name(), |added| added.name.clone())
    }

    pub(crate) fn email(&self) -> Option<String> {
        self.added
            .map_or_else(|| self.person.email(), |added| added.email.clone())
    }

    pub(crate) fn created_at(&self) -> i64 {
        self.added
            .map_or_else(|| self.person.created_at(), |added| added.at)
    }

    pub(crate) fn updated_at(&self) -> i64 {
        let moved = self
            .view
            .changes
            .contacts_by_update
            .time_of(self.person.number);
        moved.unwrap_or_else(|| self.person.updated_at())
    }

    pub(crate) fn last_seen_at(&self) -> Option<i64> {
        self.added
            .map_or_else(|| self.person.last_seen_at(), |added| Some(added.at))
    }

    /// When they last wrote, and when a teammate last wrote to them.
    pub(crate) fn last_words(&self) -> (Option<i64>, Option<i64>) {
        let mut latest = (None, None);
        for number in self.view.conversations_of(self.person.number) {
            if let Some(conversation) = self.view.conversation(number) {
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
        let lead = story.merged_into(self.person.number)?;
        let (at, _) = story.merge(lead)?;
        Some((story.ids.subject(Subject::Merged(lead)), at))
    }
}
