use std::collections::{BTreeMap, HashSet};

use harken_contracts::subjects::RecordKind;
use sqlx::PgConnection;

use super::{By, Page, SeenContact};
use crate::{
    outbound::{
        events::record_changed::{self, Told},
        postgres::{
            Key, Keys, StoreError,
            aliases::{self, Known},
            contacts::{self, Erased, Held},
            lacks,
            repairs::RepairKind,
            revisions,
        },
    },
    rules::{
        Cause, ContactRecord,
        fold::{Origin, WholeSight},
    },
};

/// The newest sight of a contact, and what the mirror does with it.
struct Kept {
    sight: WholeSight<ContactRecord>,
    by: By,
    is_news: bool,
}

impl Page {
    /// Takes in contacts that were seen; answers those that are new or different now.
    pub(crate) async fn write_contacts(
        &mut self,
        store: &mut PgConnection,
        seen: Vec<SeenContact>,
    ) -> Result<HashSet<Key>, StoreError> {
        if seen.is_empty() {
            return Ok(HashSet::new());
        }
        let keys: HashSet<Key> = seen.iter().map(key_of).collect();
        let keys: Keys = keys.iter().collect();
        let fetched = seen
            .iter()
            .filter(|one| one.sight.version.origin == Origin::Fetched);
        let fetched: Vec<Key> = fetched.map(key_of).collect();
        lacks::heal(store, RecordKind::Contact, &fetched.iter().collect()).await?;
        let held = contacts::held(store, &keys).await?;
        let known = aliases::resolve(store, &keys).await?;
        let mut kept: BTreeMap<Key, Kept> = BTreeMap::new();
        for one in seen {
            let key = key_of(&one);
            if !known.get(&key).is_some_and(is_barred) {
                let held = held.get(&key);
                self.keep(&mut kept, key, held, one);
            }
        }
        for ((connection, id), one) in &kept {
            let was_customer = held
                .get(&(*connection, id.clone()))
                .is_some_and(|held| held.is_customer);
            let is_customer = one.sight.record.is_customer;
            if was_customer != is_customer {
                self.moved.insert((*connection, id.clone()));
            }
            // What it took part in while it was nobody may have been left out.
            if is_customer && !was_customer && held.contains_key(&(*connection, id.clone())) {
                self.want(*connection, RepairKind::ConversationsOf, id);
            }
        }
        self.save_contacts(store, kept).await
    }

    fn keep(
        &mut self,
        kept: &mut BTreeMap<Key, Kept>,
        key: Key,
        held: Option<&Held>,
        one: SeenContact,
    ) {
        let newest = kept.get(&key).map(|kept| &kept.sight.version);
        let newest = newest.or_else(|| held.map(|held| &held.version));
        if newest.is_some_and(|newest| one.sight.version.is_tied_with(newest)) || one.by.is_cut {
            self.want(key.0, RepairKind::Contact, &key.1);
        }
        if newest.is_some_and(|newest| one.sight.version <= *newest) {
            return;
        }
        let says_more = newest.is_none_or(|newest| newest.hash != one.sight.version.hash);
        if says_more {
            self.note_applied(&one.by);
        }
        let is_news = held.is_none_or(|held| held.version.hash != one.sight.version.hash);
        let mut by = one.by;
        if let Some(before) = kept.get(&key) {
            by.cause = by.cause.max(before.by.cause);
            by.heard_at = by.heard_at.max(before.by.heard_at);
        }
        let sight = one.sight;
        kept.insert(key, Kept { sight, by, is_news });
    }

    async fn save_contacts(
        &self,
        store: &mut PgConnection,
        kept: BTreeMap<Key, Kept>,
    ) -> Result<HashSet<Key>, StoreError> {
        let rows: Vec<_> = kept
            .iter()
            .map(|((connection, _), kept)| (*connection, &kept.sight, kept.is_news))
            .collect();
        let revisions = contacts::write(store, &rows, self.now).await?;
        let mut changed = HashSet::new();
        let mut told = Vec::new();
        for (key, kept) in kept {
            let Some(revision) = revisions
                .get(&kept.sight.record.customer_id)
                .filter(|_| kept.is_news)
            else {
                continue;
            };
            told.push(Told {
                connection: key.0,
                revision: *revision,
                cause: kept.by.cause,
                heard_at: kept.by.heard_at,
                record: kept.sight.record.into(),
            });
            changed.insert(key);
        }
        let kind = RecordKind::Contact;
        record_changed::post(store, kind, self.organization(), told, self.now).await?;
        Ok(changed)
    }

    /// Erases contacts; their conversations are looked at again. Answers those that were held.
    pub(super) async fn erase_contacts(
        &mut self,
        store: &mut PgConnection,
        gone: &BTreeMap<Key, By>,
    ) -> Result<Vec<Erased>, StoreError> {
        let keys: Keys = gone.keys().collect();
        let erased = contacts::erase(store, &keys).await?;
        lacks::heal(store, RecordKind::Contact, &keys).await?;
        self.note_erased(RecordKind::Contact, erased.len());
        let revisions = revisions::take(store, erased.len()).await?;
        let told = erased.iter().zip(revisions).map(|(one, revision)| {
            let (connection, external_id) = one.key.clone();
            let id = one.customer.to_string();
            Told {
                connection,
                revision,
                cause: Cause::Deleted,
                heard_at: gone.get(&one.key).and_then(|by| by.heard_at),
                record: record_changed::deleted(RecordKind::Contact, external_id, id),
            }
        });
        let told = told.collect();
        self.moved.extend(gone.keys().cloned());
        let kind = RecordKind::Contact;
        record_changed::post(store, kind, self.organization(), told, self.now).await?;
        Ok(erased)
    }
}

fn key_of(seen: &SeenContact) -> Key {
    (seen.connection, seen.sight.record.external_id.clone())
}

/// Whether nothing about a contact is taken in any more.
fn is_barred(known: &Known) -> bool {
    known.is_absorbed || known.is_buried
}
