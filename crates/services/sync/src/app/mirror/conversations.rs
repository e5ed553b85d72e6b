use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use harken_contracts::subjects::RecordKind;
use harken_domain::{ConnectionId, CustomerId};
use sqlx::PgConnection;

use super::{By, Page, SeenConversation};
use crate::{
    outbound::{
        events::record_changed::{self, Told},
        postgres::{
            Key, Keys, StoreError,
            aliases::{self, Known},
            conversations::{self, Held, Row},
            parts,
            repairs::RepairKind,
            revisions, tombstones,
        },
    },
    rules::{
        Cause, ContactRecord, ConversationRecord, PartRecord,
        fold::{ConversationSight, Fetched, Joined, Origin, Version},
    },
};

/// What a conversation becomes.
struct Folding {
    state: ConversationSight,
    by: By,
    is_news: bool,
    /// Whether there is anything to write.
    is_dirty: bool,
    /// What the mirror held of who takes part; none if it did not hold the conversation.
    was: Option<(Vec<String>, Vec<CustomerId>)>,
    content_hash: Vec<u8>,
}

/// A conversation as it is to be written.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an answer of its own"
)]
struct Finished {
    connection: ConnectionId,
    record: ConversationRecord,
    unsaved: BTreeSet<String>,
    version: Version,
    fetched: Option<Fetched>,
    title_is_headline: bool,
    content_hash: Vec<u8>,
    by: By,
    is_news: bool,
    is_dirty: bool,
    was_held: bool,
    /// Whether readers know of it, or are to.
    is_told: bool,
}

/// A conversation that is new or different now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Changed {
    /// Whether the mirror had it before.
    pub(crate) was_held: bool,
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
                let was_held = one.was_held;
                let key = (one.connection, one.record.external_id.clone());
                changed.insert(key, Changed { was_held });
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
        &self,
        store: &mut PgConnection,
        gone: &BTreeMap<Key, By>,
    ) -> Result<(), StoreError> {
        let keys: Keys = gone.keys().collect();
        let erased = conversations::erase(store, &keys).await?;
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

impl Folding {
    fn of_held(key: &Key, held: Held, parts: Option<Vec<PartRecord>>) -> Self {
        let was = (
            held.head.contact_external_ids.clone(),
            held.customer_ids.clone(),
        );
        Self {
            content_hash: held.content_hash.clone(),
            state: held.with_parts(key.1.clone(), parts.unwrap_or_default()),
            by: By::reading(Cause::Imported),
            is_news: false,
            is_dirty: false,
            was: Some(was),
        }
    }

    fn of_stranger(one: SeenConversation) -> Self {
        Self {
            content_hash: hash_of(&one.sight),
            by: By {
                cause: cause_of(&one.sight, one.by.cause, true),
                ..one.by
            },
            state: one.sight,
            is_news: true,
            is_dirty: true,
            was: None,
        }
    }

    fn join(&mut self, sight: ConversationSight, by: By) -> Joined {
        let hash = hash_of(&sight);
        let cause = cause_of(&sight, by.cause, true);
        let weaker = cause_of(&sight, by.cause, false);
        let joined = self.state.join(sight);
        self.is_dirty |= joined.head || joined.is_news();
        if !hash.is_empty() {
            self.is_dirty |= self.content_hash != hash;
            self.content_hash = hash;
        }
        if joined.is_news() {
            let cause = match joined {
                Joined { head: true, .. } => cause,
                _ if joined.part_redacted => Cause::PartRedacted,
                _ => weaker,
            };
            self.by.cause = self.by.cause.max(cause);
            self.by.heard_at = self.by.heard_at.max(by.heard_at);
            self.is_news = true;
        }
        joined
    }

    fn finish(self, connection: ConnectionId, known: &HashMap<Key, Known>) -> Finished {
        let Self {
            state,
            mut by,
            is_news,
            was,
            content_hash,
            is_dirty,
        } = self;
        let (contacts, customers) = who_takes_part(connection, state.contacts(), known);
        let version = state.version.clone();
        let fetched = state.fetched.clone();
        let title_is_headline = state
            .head
            .title
            .as_ref()
            .is_some_and(|title| title.is_headline);
        let had_customers = was.as_ref().is_some_and(|(_, before)| !before.is_empty());
        let who_changed = was.as_ref().is_some_and(|(before_contacts, before)| {
            (before_contacts, before) != (&contacts, &customers)
        });
        let (record, unsaved) = state.into_record(connection, contacts, customers);
        if who_changed {
            by.cause = by.cause.max(Cause::Updated);
        }
        Finished {
            connection,
            is_told: had_customers || !record.customer_ids.is_empty(),
            is_news: is_news || who_changed,
            is_dirty: is_dirty || who_changed || !unsaved.is_empty(),
            was_held: was.is_some(),
            record,
            unsaved,
            version,
            fetched,
            title_is_headline,
            content_hash,
            by,
        }
    }
}

impl Finished {
    fn unsaved_parts(&self) -> impl Iterator<Item = (ConnectionId, &str, &PartRecord)> {
        let parts = self.record.parts.iter();
        let unsaved = parts.filter(|part| self.unsaved.contains(&part.external_id));
        unsaved.map(|part| (self.connection, self.record.external_id.as_str(), part))
    }
}

/// Who the named contacts are now, and which customers are among them; each once, in their order.
fn who_takes_part(
    connection: ConnectionId,
    named: &[String],
    known: &HashMap<Key, Known>,
) -> (Vec<String>, Vec<CustomerId>) {
    let mut contacts: Vec<String> = Vec::with_capacity(named.len());
    let mut customers = Vec::with_capacity(named.len());
    for name in named {
        let Some(contact) = known.get(&(connection, name.clone())) else {
            continue;
        };
        if contacts.contains(&contact.external_id) {
            continue;
        }
        contacts.push(contact.external_id.clone());
        if contact.is_customer == Some(true) {
            customers.push(ContactRecord::id_of(connection, &contact.external_id));
        }
    }
    (contacts, customers)
}

/// Why a conversation changed: the topic tells, unless the parts it carries tell more. What lost against a newer head only
/// brought its parts.
fn cause_of(sight: &ConversationSight, told: Cause, is_newest: bool) -> Cause {
    match told {
        Cause::Imported | Cause::PartRedacted => told,
        // A whole conversation has many parts, and what they tell is old.
        _ if sight.version.origin == Origin::Fetched => told,
        _ if !is_newest => Cause::PartCreated,
        Cause::PartCreated | Cause::Updated if sight.has_reopening() => Cause::Reopened,
        Cause::PartCreated | Cause::Updated if sight.has_assignment() => Cause::Assigned,
        told => told,
    }
}

/// The fingerprint of an answer that was read whole; empty for what a notification shows.
fn hash_of(sight: &ConversationSight) -> Vec<u8> {
    if sight.fetched.is_some() {
        sight.fingerprint().to_vec()
    } else {
        Vec::new()
    }
}

fn key_of(seen: &SeenConversation) -> Key {
    (seen.connection, seen.sight.external_id.clone())
}
