mod folding;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use harken_contracts::subjects::RecordKind;
use harken_domain::ConnectionId;
use sqlx::PgConnection;

use self::folding::{Finished, Folding};
use super::{By, Page, SeenConversation};
use crate::{
    outbound::{
        events::record_changed::{self, Told},
        postgres::{
            Key, Keys, StoreError, aliases,
            conversations::{self, Held, Row},
            lacks, parts,
            repairs::RepairKind,
            revisions, tombstones,
        },
    },
    rules::{Cause, ConversationRecord, PartRecord, fold::Origin},
};

/// A conversation that is new or different now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Changed {
    /// Whether the mirror had it before.
    pub(crate) was_held: bool,
    /// Whether parts are new or different.
    pub(crate) parts_moved: bool,
}

impl Page {
    /// Takes in conversations that were seen, and looks again at those of contacts that have moved. Answers which are new
    /// or different now.
    pub(crate) async fn write_conversations(
        &mut self,
        store: &mut PgConnection,
        mut seen: Vec<SeenConversation>,
    ) -> Result<HashMap<Key, Changed>, StoreError> {
        let mut keys: BTreeSet<Key> = seen.iter().map(key_of).collect();
        let moved = self.of_moved_contacts(store).await?;
        keys.extend(moved.iter().cloned());
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let all: Keys = keys.iter().collect();
        let fetched = seen.iter().filter(|one| one.sight.fetched.is_some());
        let fetched: Vec<Key> = fetched.map(key_of).collect();
        lacks::heal(store, RecordKind::Conversation, &fetched.iter().collect()).await?;
        let buried = tombstones::among(store, RecordKind::Conversation, &all).await?;
        let held = conversations::held(store, &all).await?;
        // The same answer of Intercom's again.
        seen.retain(|one| {
            let key = key_of(one);
            let is_known = one.sight.fetched.is_some()
                && held
                    .get(&key)
                    .is_some_and(|held| held.content_hash == one.sight.fingerprint());
            !is_known && !buried.contains(&key)
        });
        let needed: BTreeSet<Key> = seen.iter().map(key_of).chain(moved.clone()).collect();
        let needed: Keys = needed
            .iter()
            .filter(|key| held.contains_key(*key))
            .collect();
        let parts = parts::held(store, &needed).await?;
        let foldings = self.fold(seen, held, parts, &moved);
        let finished = self.finish(store, foldings).await?;
        self.save_conversations(store, finished).await
    }

    /// The conversations of contacts who are not who they were.
    async fn of_moved_contacts(
        &mut self,
        store: &mut PgConnection,
    ) -> Result<BTreeSet<Key>, StoreError> {
        let mut by_connection: BTreeMap<ConnectionId, Vec<String>> = BTreeMap::new();
        for (connection, contact) in std::mem::take(&mut self.moved) {
            by_connection.entry(connection).or_default().push(contact);
        }
        let mut found = BTreeSet::new();
        for (connection, contacts) in by_connection {
            let ids = conversations::naming(store, connection, &contacts).await?;
            found.extend(ids.into_iter().map(|id| (connection, id)));
        }
        Ok(found)
    }

    fn fold(
        &mut self,
        seen: Vec<SeenConversation>,
        mut held: HashMap<Key, Held>,
        mut parts: HashMap<Key, Vec<PartRecord>>,
        moved: &BTreeSet<Key>,
    ) -> BTreeMap<Key, Folding> {
        let mut foldings: BTreeMap<Key, Folding> = BTreeMap::new();
        for one in seen {
            let key = key_of(&one);
            let held = foldings.remove(&key).or_else(|| {
                let held = held.remove(&key)?;
                Some(Folding::of_held(&key, held, parts.remove(&key)))
            });
            let folding = if let Some(mut folding) = held {
                let joined = folding.join(one.sight, one.by);
                if joined.is_news() {
                    self.note_applied(&one.by);
                }
                if joined.tie {
                    self.want(key.0, RepairKind::Conversation, &key.1);
                }
                folding
            } else {
                self.note_applied(&one.by);
                if one.sight.version.origin == Origin::Notified {
                    self.want(key.0, RepairKind::Conversation, &key.1);
                }
                Folding::of_stranger(one)
            };
            foldings.insert(key, folding);
        }
        // What is left was not seen again, but who takes part has to be looked at.
        for (key, held) in held {
            if moved.contains(&key) {
                let folding = Folding::of_held(&key, held, parts.remove(&key));
                foldings.insert(key, folding);
            }
        }
        foldings
    }

    /// Works out who takes part, and what follows from all parts together.
    async fn finish(
        &mut self,
        store: &mut PgConnection,
        foldings: BTreeMap<Key, Folding>,
    ) -> Result<Vec<Finished>, StoreError> {
        let named: HashSet<Key> = foldings
            .iter()
            .flat_map(|((connection, _), folding)| {
                let contacts = folding.state.contacts().iter();
                contacts.map(|contact| (*connection, contact.clone()))
            })
            .collect();
        let known = aliases::resolve(store, &named.iter().collect()).await?;
        for ((connection, _), contact) in &known {
            if contact.is_customer.is_none() && !contact.is_buried && !contact.is_lost {
                self.want(*connection, RepairKind::Contact, &contact.external_id);
            }
        }
        let finished = foldings
            .into_iter()
            .map(|((connection, _), folding)| folding.finish(connection, &known));
        Ok(finished.filter(|one| one.is_dirty).collect())
    }

    async fn save_conversations(
        &self,
        store: &mut PgConnection,
        finished: Vec<Finished>,
    ) -> Result<HashMap<Key, Changed>, StoreError> {
        let rows: Vec<Row<'_>> = finished
            .iter()
            .map(|one| Row {
                connection: one.connection,
                record: &one.record,
                version: one.version.clone(),
                fetched: one.fetched.clone(),
                title_is_headline: one.title_is_headline,
                content_hash: one.content_hash.clone(),
                is_news: one.is_news,
            })
            .collect();
        let revisions = conversations::write(store, &rows, self.now).await?;
        let unsaved: Vec<_> = finished.iter().flat_map(Finished::unsaved_parts).collect();
        parts::write(store, &unsaved).await?;
        let mut changed = HashMap::new();
        let mut told = Vec::new();
        for one in finished {
            let Some(revision) = revisions.get(&one.record.conversation_id) else {
                continue;
            };
            if one.is_news {
                let key = (one.connection, one.record.external_id.clone());
                let was_held = one.was_held;
                let parts_moved = one.parts_moved;
                changed.insert(
                    key,
                    Changed {
                        was_held,
                        parts_moved,
                    },
                );
            }
            if one.is_news && one.is_told {
                told.push(Told {
                    connection: one.connection,
                    revision: *revision,
                    cause: one.by.cause,
                    heard_at: one.by.heard_at,
                    record: one.record.into(),
                });
            }
        }
        let kind = RecordKind::Conversation;
        record_changed::post(store, kind, self.organization(), told, self.now).await?;
        Ok(changed)
    }

    /// Erases conversations with their parts.
    pub(super) async fn erase_conversations(
        &mut self,
        store: &mut PgConnection,
        gone: &BTreeMap<Key, By>,
    ) -> Result<(), StoreError> {
        let keys: Keys = gone.keys().collect();
        let erased = conversations::erase(store, &keys).await?;
        lacks::heal(store, RecordKind::Conversation, &keys).await?;
        self.note_erased(RecordKind::Conversation, erased.len());
        let revisions = revisions::take(store, erased.len()).await?;
        let told = erased.into_iter().zip(revisions).map(|(key, revision)| {
            let id = ConversationRecord::id_of(key.0, &key.1).to_string();
            Told {
                connection: key.0,
                revision,
                cause: Cause::Deleted,
                heard_at: gone.get(&key).and_then(|by| by.heard_at),
                record: record_changed::deleted(RecordKind::Conversation, key.1, id),
            }
        });
        let (kind, told) = (RecordKind::Conversation, told.collect());
        record_changed::post(store, kind, self.organization(), told, self.now).await?;
        Ok(())
    }
}

fn key_of(seen: &SeenConversation) -> Key {
    (seen.connection, seen.sight.external_id.clone())
}
