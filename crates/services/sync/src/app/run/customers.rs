//! Who takes part in a conversation: known customers, known contacts that are none, and those that have to be asked for.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use harken_domain::CustomerId;
use harken_intercom::ReadError;
use tokio::sync::OnceCell;

use super::{
    Desk, Halt,
    contacts::tag_names,
    fetch::{complete, concerns_one_record},
};
use crate::{
    outbound::postgres::{
        aliases::{self, Alias},
        contacts,
        gaps::{Gap, GapKind},
    },
    rules::{ContactRecord, TagNames, counts::Kind, fold::WholeSight, lacking::Lack},
};

/// Intercom follows at most three merges; so do we.
const MOST_MERGES: usize = 3;
/// Contacts asked for at once.
const AT_ONCE: usize = 8;

/// What is known of contacts, as far as conversations have named them.
#[derive(Debug)]
pub(super) struct Customers<'a> {
    desk: &'a Desk,
    /// Read when a contact is asked for first: by then they are known.
    names: OnceCell<TagNames>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    standings: HashMap<String, Standing>,
    /// Those that absorbed others and were not met themselves.
    unmet_survivors: BTreeSet<String>,
}

#[derive(Clone, Debug)]
enum Standing {
    Customer(CustomerId),
    /// Nobody could write to it, or it is gone.
    NoCustomer,
    /// Absorbed by this one.
    Merged(String),
}

/// What was learned by asking and is to be written together with what needed it.
#[derive(Debug, Default)]
pub(super) struct Learned {
    pub(super) contacts: Vec<WholeSight<ContactRecord>>,
    pub(super) aliases: Vec<Alias>,
    pub(super) gaps: Vec<Gap>,
}

impl Learned {
    pub(super) fn is_empty(&self) -> bool {
        self.contacts.is_empty() && self.aliases.is_empty() && self.gaps.is_empty()
    }

    pub(super) fn append(&mut self, later: Self) {
        self.contacts.extend(later.contacts);
        self.aliases.extend(later.aliases);
        self.gaps.extend(later.gaps);
    }
}

impl Known {
    fn note(&mut self, id: String, standing: Standing) {
        self.unmet_survivors.remove(&id);
        if let Standing::Merged(survivor) = &standing
            && !self.standings.contains_key(survivor)
            && *survivor != id
        {
            self.unmet_survivors.insert(survivor.clone());
        }
        self.standings.insert(id, standing);
    }
}

impl<'a> Customers<'a> {
    pub(super) fn new(desk: &'a Desk) -> Self {
        Self {
            desk,
            names: OnceCell::new(),
            known: Mutex::default(),
        }
    }

    /// The customers among these contacts, in their order, each once; contacts not met before count as none.
    pub(super) fn among(&self, contact_ids: &[String]) -> Vec<CustomerId> {
        let known = self.known();
        let mut customers = Vec::with_capacity(contact_ids.len());
        for id in contact_ids {
            let mut id = id;
            for _ in 0..=MOST_MERGES {
                match known.standings.get(id) {
                    Some(Standing::Customer(customer)) if !customers.contains(customer) => {
                        customers.push(*customer);
                    }
                    Some(Standing::Merged(survivor)) => {
                        id = survivor;
                        continue;
                    }
                    _ => {}
                }
                break;
            }
        }
        customers
    }

    /// Looks contacts up in the mirror alone.
    pub(super) async fn recognize(&self, contact_ids: &[String]) -> Result<(), Halt> {
        self.look_up(self.unknown(contact_ids.to_vec())).await?;
        let survivors = self.unknown_survivors();
        self.look_up(survivors).await?;
        Ok(())
    }

    /// Whether it is known who these contacts are, those that absorbed them included.
    pub(super) fn knows(&self, contact_ids: &[String]) -> bool {
        let known = self.known();
        contact_ids.iter().all(|id| {
            let mut id = id;
            for _ in 0..=MOST_MERGES {
                match known.standings.get(id) {
                    Some(Standing::Merged(survivor)) => id = survivor,
                    standing => return standing.is_some(),
                }
            }
            true
        })
    }

    /// Meets contacts: looks them up in the mirror, and asks Intercom about those that the mirror does not know.
    pub(super) async fn meet(&self, contact_ids: Vec<String>) -> Result<Learned, Halt> {
        let mut learned = Learned::default();
        let mut next = contact_ids;
        for _ in 0..=MOST_MERGES {
            let strangers = self.look_up(self.unknown(next)).await?;
            let asked: Vec<Learned> = stream::iter(strangers)
                .map(|id| self.ask(id))
                .buffer_unordered(AT_ONCE)
                .try_collect()
                .await?;
            for more in asked {
                learned.append(more);
            }
            next = self.unknown_survivors();
            if next.is_empty() {
                break;
            }
        }
        Ok(learned)
    }

    fn unknown(&self, mut ids: Vec<String>) -> Vec<String> {
        let known = self.known();
        ids.retain(|id| !known.standings.contains_key(id));
        drop(known);
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn unknown_survivors(&self) -> Vec<String> {
        self.known().unmet_survivors.iter().cloned().collect()
    }

    fn note(&self, id: String, standing: Standing) {
        self.known().note(id, standing);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what the mirror knows of these contacts; answers the others.
    async fn look_up(&self, mut ids: Vec<String>) -> Result<Vec<String>, Halt> {
        if ids.is_empty() {
            return Ok(ids);
        }
        let mut store = self.desk.sync.store.begin().await?;
        let connection = self.desk.connection;
        for (id, customer) in contacts::find_customers(&mut store, connection, &ids).await? {
            self.note(
                id,
                customer.map_or(Standing::NoCustomer, Standing::Customer),
            );
        }
        ids = self.unknown(ids);
        if !ids.is_empty() {
            for alias in aliases::find(&mut store, connection, &ids).await? {
                let standing = alias
                    .survivor
                    .map_or(Standing::NoCustomer, Standing::Merged);
                self.note(alias.external_id, standing);
            }
        }
        Ok(self.unknown(ids))
    }

    /// Asks Intercom about a contact that its list did not show: absorbed, deleted, or younger than the list.
    async fn ask(&self, id: String) -> Result<Learned, Halt> {
        let desk = self.desk;
        let names = self.names.get_or_try_init(|| tag_names(desk)).await?;
        let mut learned = Learned::default();
        let survivor = match desk.ask(Kind::Contacts, || desk.reader.contact(&id)).await {
            Ok(contact) => {
                // Intercom may answer with the survivor itself.
                let survivor = Some(contact.id.clone()).filter(|answered| *answered != id);
                let sight = complete(desk, names, contact, &mut learned.gaps).await?;
                let record = &sight.record;
                let standing = if record.is_customer {
                    Standing::Customer(record.customer_id)
                } else {
                    Standing::NoCustomer
                };
                self.note(record.external_id.clone(), standing);
                learned.contacts.push(sight);
                if survivor.is_none() {
                    return Ok(learned);
                }
                survivor
            }
            Err(ReadError::Merged { into, .. }) => into,
            Err(ReadError::NotFound { .. }) => None,
            Err(error) if concerns_one_record(&error) => {
                desk.notes.warning(
                    format!("A contact could not be read: {error}"),
                    error.request_id(),
                );
                let reason = error.to_string();
                learned.gaps.push(Gap {
                    kind: GapKind::Contact,
                    external_id: id.clone(),
                    lack: Lack::of(&error),
                    reason,
                    request_id: error.request_id().map(str::to_owned),
                });
                self.note(id, Standing::NoCustomer);
                return Ok(learned);
            }
            Err(error) => return Err(desk.fatal(Kind::Contacts, &error)),
        };
        self.note(
            id.clone(),
            survivor
                .clone()
                .map_or(Standing::NoCustomer, Standing::Merged),
        );
        learned.aliases.push(Alias {
            external_id: id,
            survivor,
        });
        Ok(learned)
    }
}
