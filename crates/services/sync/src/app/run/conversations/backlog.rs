use std::{cmp::Reverse, collections::BTreeSet};

use super::search::Unread;
use crate::{app::run::customers::Customers, rules::search::Found as _};

/// Conversations that were found and are not yet written, as far as they are.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    /// All of them.
    wanted: BTreeSet<String>,
    /// Those that may be fetched, newest first.
    ready: BTreeSet<(Reverse<i64>, String)>,
    /// Those whose contacts are not known.
    held: Vec<Held>,
    /// Those that an earlier process found: what they name is not known.
    inherited: Vec<String>,
}

/// What became of those that were held back.
#[derive(Debug, Default)]
pub(super) struct Released {
    /// How many are to be fetched that had changed.
    pub(super) news: usize,
    /// Those in which no customer takes part.
    pub(super) nobodys: Vec<String>,
}

#[derive(Debug)]
struct Held {
    id: String,
    updated_at: i64,
    contacts: Vec<String>,
    is_news: bool,
}

impl Backlog {
    /// What an earlier process left.
    pub(super) fn inherit(wanted: &[String]) -> Self {
        Self {
            wanted: wanted.iter().cloned().collect(),
            inherited: wanted.to_vec(),
            ..Self::default()
        }
    }

    /// How many are known and not under way.
    pub(super) fn waiting(&self) -> usize {
        self.ready.len() + self.held.len() + self.inherited.len()
    }

    /// Whether some wait for their contacts.
    pub(super) fn holds_back(&self) -> bool {
        !(self.held.is_empty() && self.inherited.is_empty())
    }

    /// Contacts that have to be known before more can be fetched.
    pub(super) fn strangers(&self) -> Vec<String> {
        let contacts = self.held.iter().flat_map(|held| held.contacts.clone());
        contacts.collect()
    }

    /// Notes a conversation that the search shows; false if it is noted already.
    pub(super) fn add(&mut self, unread: &Unread) -> bool {
        let found = &unread.conversation;
        let is_new = self.wanted.insert(found.id.clone());
        if is_new {
            self.held.push(Held {
                id: found.id.clone(),
                updated_at: found.updated_at().unwrap_or(i64::MAX),
                contacts: found.contact_ids.clone(),
                is_news: unread.is_news,
            });
        }
        is_new
    }

    /// Lets those go whose contacts are known by now.
    pub(super) fn release(&mut self, customers: &Customers<'_>) -> Released {
        let mut released = Released::default();
        for held in self
            .held
            .extract_if(.., |held| customers.knows(&held.contacts))
        {
            if customers.among(&held.contacts).is_empty() {
                released.nobodys.push(held.id);
            } else {
                released.news += usize::from(held.is_news);
                self.ready.insert((Reverse(held.updated_at), held.id));
            }
        }
        released
    }

    /// Lets those go whose contacts only their fetching tells.
    pub(super) fn release_inherited(&mut self) {
        let inherited = self.inherited.drain(..);
        self.ready
            .extend(inherited.map(|id| (Reverse(i64::MAX), id)));
    }

    /// The newest of those that may be fetched.
    pub(super) fn next(&mut self) -> Option<String> {
        self.ready.pop_first().map(|(_, id)| id)
    }

    /// These are dealt with.
    pub(super) fn settle(&mut self, ids: &[String]) {
        for id in ids {
            self.wanted.remove(id);
        }
    }

    /// Found and not yet written.
    pub(super) fn wanted(&self) -> Vec<String> {
        self.wanted.iter().cloned().collect()
    }
}
