//! Holds what a run reads against what the mirror held: what should have been told by a notification and was not is drift.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    app::{
        mirror::Changed,
        run::{Desk, Halt},
    },
    outbound::postgres::{
        Key, Keys, contacts, conversations, notifications,
        repairs::{self, RepairKind},
    },
    rules::{
        ContactRecord,
        drift::{DriftCause, DriftTally, Expected, TellableContact, is_tellable},
        fold::{ConversationSight, Head, WholeSight},
        incremental::Place,
    },
};

/// What notifications should have told while a run reads.
pub(super) struct Watch {
    expected: Expected,
}

impl Watch {
    /// Watches over what changed since the run before. What changes behind the back of a full run is no drift.
    pub(super) async fn open(desk: &Desk, place: &Place) -> Result<Self, Halt> {
        let mut store = desk.sync.store.pool().acquire().await?;
        let heard_since = notifications::heard_since(&mut store, desk.connection).await?;
        let heard_since = heard_since.filter(|_| !place.closes);
        let since = place.since;
        Ok(Self {
            expected: Expected {
                heard_since,
                since,
                now: desk.sync.clock.now(),
                grace: desk.sync.limits.drift_grace,
            },
        })
    }

    fn compared(&self, changed_at: impl Iterator<Item = DateTime<Utc>>) -> DriftTally {
        let compared = changed_at.filter(|at| self.expected.told(*at)).count() as u64;
        DriftTally {
            compared,
            ..DriftTally::default()
        }
    }

    /// Conversations that are gone, of which the mirror still held these.
    pub(super) async fn judge_gone(
        &self,
        store: &mut PgConnection,
        gone: &HashMap<Key, Option<DateTime<Utc>>>,
    ) -> Result<DriftTally, Halt> {
        let keys: Keys = gone.keys().collect();
        let held = conversations::held(store, &keys).await?;
        let mut tally = self.compared(gone.values().flatten().copied());
        for (key, deleted_at) in gone {
            let told = deleted_at.is_some_and(|at| self.expected.told(at));
            if told && held.contains_key(key) {
                tally.add(DriftCause::Gone);
            }
        }
        Ok(tally)
    }
}

/// Contacts that were read, and how the mirror held them before.
pub(super) struct SeenContacts {
    seen: Vec<(Key, DateTime<Utc>, TellableContact)>,
    held: HashMap<Key, contacts::Held>,
    tellable: HashMap<Key, TellableContact>,
    waiting: HashSet<Key>,
}

impl SeenContacts {
    pub(super) async fn before(
        desk: &Desk,
        store: &mut PgConnection,
        records: &[WholeSight<ContactRecord>],
    ) -> Result<Self, Halt> {
        let seen: Vec<_> = records
            .iter()
            .map(|sight| {
                let key = (desk.connection, sight.record.external_id.clone());
                let tellable = TellableContact::from(&sight.record);
                (key, sight.version.updated_at, tellable)
            })
            .collect();
        let keys: Keys = seen.iter().map(|(key, ..)| key).collect();
        Ok(Self {
            held: contacts::held(store, &keys).await?,
            tellable: contacts::tellable(store, &keys).await?,
            waiting: repairs::among(store, RepairKind::Contact, &keys).await?,
            seen,
        })
    }

    /// Whether the mirror held it.
    pub(super) fn holds(&self, key: &Key) -> bool {
        self.held.contains_key(key)
    }

    /// What was wrong, now that these have changed.
    pub(super) fn judge(&self, watch: &Watch, changed: &HashSet<Key>) -> DriftTally {
        let mut tally = watch.compared(self.seen.iter().map(|(_, at, _)| *at));
        for (key, changed_at, now) in &self.seen {
            if !changed.contains(key) || self.waiting.contains(key) {
                continue;
            }
            // When somebody was last seen or last replied moves with all they do, and is nobody's to tell.
            if self.tellable.get(key) == Some(now) {
                continue;
            }
            let held = self.held.get(key).map(|held| held.version.updated_at);
            if let Some(cause) = watch.expected.judge(*changed_at, held, true) {
                tally.add(cause);
            }
        }
        tally
    }
}

/// Conversations that were read, and how the mirror held them before.
pub(super) struct SeenConversations {
    seen: Vec<(Key, Head)>,
    held: HashMap<Key, conversations::Held>,
    waiting: HashSet<Key>,
}

impl SeenConversations {
    pub(super) async fn before(
        desk: &Desk,
        store: &mut PgConnection,
        sights: &[ConversationSight],
    ) -> Result<Self, Halt> {
        let seen: Vec<_> = sights
            .iter()
            .map(|sight| {
                let key = (desk.connection, sight.external_id.clone());
                (key, sight.head.clone())
            })
            .collect();
        let keys: Keys = seen.iter().map(|(key, _)| key).collect();
        Ok(Self {
            held: conversations::held(store, &keys).await?,
            waiting: repairs::among(store, RepairKind::Conversation, &keys).await?,
            seen,
        })
    }

    /// What was wrong, now that these have changed.
    pub(super) fn judge(&self, watch: &Watch, changed: &HashMap<Key, Changed>) -> DriftTally {
        let mut tally = watch.compared(self.seen.iter().map(|(_, head)| head.updated_at));
        for (key, head) in &self.seen {
            let Some(changed) = changed.get(key).filter(|_| !self.waiting.contains(key)) else {
                continue;
            };
            let held = self.held.get(key);
            let tellable =
                changed.parts_moved || held.is_some_and(|held| is_tellable(&held.head, head));
            let held = held.map(|held| held.version.updated_at);
            if let Some(cause) = watch.expected.judge(head.updated_at, held, tellable) {
                tally.add(cause);
            }
        }
        tally
    }
}
