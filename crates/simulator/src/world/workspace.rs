//! A workspace, and the one way to change it.

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError, RwLock, RwLockWriteGuard};

use chrono_tz::Tz;

use super::changes::Changes;
use super::journal::Journal;
use super::{Change, View};
use crate::story::{Premise, Story};

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
    journal: Mutex<Journal>,
}

/// A change asked for that is not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("no such {0} in this workspace")]
    NoSuch(&'static str),
    /// It makes no sense as things stand.
    #[error("{0}")]
    Unfit(&'static str),
    #[error("the change cannot be kept")]
    Journal(#[from] io::Error),
}

/// A change that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Made {
    /// Unix seconds.
    pub(crate) at: i64,
    /// The conversation or contact it happened to, or that came by it.
    pub(crate) number: u64,
    /// Index of the part that came by it.
    pub(crate) part: Option<u64>,
}

impl Made {
    fn new(view: &View<'_>, change: &Change) -> Self {
        let number = match change {
            Change::ConversationStarted(_) => view.conversation_numbers() - 1,
            Change::ContactAdded(_) => view.contact_numbers() - 1,
            Change::Happened { conversation, .. }
            | Change::Redacted { conversation, .. }
            | Change::ConversationDeleted { conversation, .. } => *conversation,
            Change::CompanyRenamed { company, .. } => *company,
            _ => change.contact().unwrap_or(0),
        };
        let part = match change {
            Change::Happened { .. } => view
                .conversation(number)
                .and_then(|found| (found.timeline.events.len() as u64).checked_sub(1)),
            _ => None,
        };
        Self {
            at: change.at(),
            number,
            part,
        }
    }
}

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
            journal: Mutex::default(),
        }
    }

    /// Keeps what happens under `state_dir`, and lets happen again what an earlier run kept there. Another
    /// premise is another story, with a journal of its own.
    pub(crate) fn remember(mut self, state_dir: &Path) -> io::Result<Self> {
        let Premise {
            seed,
            epoch,
            contacts,
            conversations,
        } = self.story.premise();
        let name = format!(
            "{}-{epoch}-{seed}-{contacts}-{conversations}.jsonl",
            self.key
        );
        let (journal, changes) = Journal::open(&state_dir.join(name))?;
        for change in &changes {
            self.apply(change);
        }
        self.journal = Mutex::new(journal);
        Ok(self)
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

    /// Makes `change` happen, whole or not at all, and shows what became of it to `witness` before anything
    /// else changes.
    pub(crate) fn change(
        &self,
        change: Change,
        witness: impl FnOnce(&View<'_>, &Change),
    ) -> Result<Made, Refused> {
        // Whoever holds the journal is the only one who changes anything.
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        let change = self.look().settle(change)?;
        journal.write(&change)?;
        let view = self.apply(&change);
        witness(&view, &change);
        let made = Made::new(&view, &change);
        Ok(made)
    }

    fn apply(&self, change: &Change) -> View<'_> {
        let customers = match change {
            Change::Happened { conversation, .. } => self.look().customers_of(*conversation),
            Change::ConversationStarted(started) => vec![started.contact],
            _ => Vec::new(),
        };
        let mut changes = self.changes.write().unwrap_or_else(PoisonError::into_inner);
        changes.apply(self.story.premise(), change, &customers);
        View {
            workspace: self,
            changes: RwLockWriteGuard::downgrade(changes),
        }
    }
}
