//! Repairs: records that a notification could not bring whole are fetched, ahead of any backfill.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use harken_contracts::subjects::RecordKind;
use harken_intercom::{Priority, ReadError, Reader, TransportError, models::Contact};
use harken_runtime::{Shutdown, Tasks};
use tokio::{sync::Semaphore, time::sleep};

use super::{
    Sync,
    mirror::{Burial, By, Merge, Page, Seen},
};
use crate::{
    outbound::{
        postgres::{
            StoreError,
            aliases::Alias,
            is_refusal,
            repairs::{self, Claimed, RepairKind},
            routing,
        },
        vault::VaultTransport,
    },
    rules::{
        Cause, CompanyRecord, ContactRecord,
        fold::{ConversationSight, Origin, WholeSight},
        needs_tag_list,
    },
};

/// Records fetched at once.
const AT_ONCE: usize = 8;
/// How long nobody else gets a repair that is under way; longer than an answer may take.
const LEASE_SECS: f64 = 240.0;
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// The first delay after a failure; each one after is twice as long.
const FIRST_DELAY_SECS: f64 = 1.0;
const LONGEST_DELAY_SECS: f64 = 300.0;
/// An answer that cannot be read this often is given up; the next full sync reads the record.
const MOST_ATTEMPTS: i32 = 10;

/// Fetches what has to be fetched, several at a time.
#[derive(Debug)]
pub(crate) struct Repairs {
    sync: Sync,
    tasks: Tasks,
    shutdown: Shutdown,
    seats: Arc<Semaphore>,
}

/// What Intercom said about a record.
enum Found {
    Conversation(Box<ConversationSight>),
    Contact(Box<WholeSight<ContactRecord>>, Option<Alias>),
    Company(Box<WholeSight<CompanyRecord>>),
    /// These were absorbed by the contact.
    Absorbed(Vec<String>),
    Merged(Alias),
    Gone(RecordKind),
    /// There is nothing to be had.
    Nothing,
}

impl Repairs {
    pub(crate) fn new(sync: Sync, tasks: Tasks, shutdown: Shutdown) -> Self {
        Self {
            sync,
            tasks,
            shutdown,
            seats: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Works until the process stops. What is under way then is claimed again after its lease.
    pub(crate) async fn work(self) {
        while !self.shutdown.is_requested() {
            let free = self.seats.available_permits();
            let claimed = if free == 0 {
                Ok(Vec::new())
            } else {
                self.claim(free).await
            };
            match claimed {
                Ok(claimed) if claimed.is_empty() => self.wait().await,
                Ok(claimed) => {
                    for one in claimed {
                        self.begin(one).await;
                    }
                }
                Err(cause) => {
                    tracing::warn!(error = %cause, "repairs cannot be claimed");
                    self.wait().await;
                }
            }
        }
    }

    async fn wait(&self) {
        tokio::select! {
            () = sleep(LOOK_EVERY) => {}
            () = self.sync.wanted.notified() => {}
            () = self.shutdown.requested() => {}
        }
    }

    async fn claim(&self, most: usize) -> Result<Vec<Claimed>, StoreError> {
        let mut tx = self.sync.store.begin().await?;
        let most = i64::try_from(most).unwrap_or(1);
        let claimed = repairs::claim(&mut tx, most, LEASE_SECS).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    async fn begin(&self, claimed: Claimed) {
        let Ok(seat) = Arc::clone(&self.seats).acquire_owned().await else {
            return;
        };
        let (sync, shutdown) = (self.sync.clone(), self.shutdown.clone());
        self.tasks.spawn("sync-repair", async move {
            tokio::select! {
                () = sync.repair(&claimed) => {}
                () = shutdown.requested() => {}
            }
            sync.wanted.notify_one();
            drop(seat);
        });
    }
}

impl Sync {
    async fn repair(&self, claimed: &Claimed) {
        let connection = claimed.wanted.connection;
        let transport = VaultTransport::new(
            &self.vault,
            claimed.organization,
            connection,
            Arc::default(),
        );
        let reader = Reader::new(transport, Priority::Repair);
        let written = match self.fetch(&reader, claimed).await {
            Ok(found) => self
                .write(claimed, found)
                .await
                .map_err(|cause| (cause, true)),
            Err(error) => match outcome(&error, claimed) {
                Some(found) => self
                    .write(claimed, found)
                    .await
                    .map_err(|cause| (cause, true)),
                None => self.put_off(claimed).await.map_err(|cause| (cause, false)),
            },
        };
        let Err((cause, is_write)) = written else {
            return;
        };
        tracing::warn!(connection.id = %connection, kind = claimed.wanted.kind.as_str(), error = %cause, "a record could not be repaired");
        if is_write && !(is_refusal(&cause) && claimed.attempts >= MOST_ATTEMPTS) {
            // Its lease would hold it back for longer than need be.
            let _ = self.put_off(claimed).await;
        }
    }

    async fn fetch(
        &self,
        reader: &Reader<VaultTransport>,
        claimed: &Claimed,
    ) -> Result<Found, ReadError> {
        let id = claimed.wanted.external_id.as_str();
        let reading = (Origin::Fetched, self.clock.now());
        Ok(match claimed.wanted.kind {
            RepairKind::Conversation => {
                let conversation = reader.conversation(id).await?;
                Found::Conversation(Box::new(ConversationSight::new(conversation, reading)))
            }
            RepairKind::Contact => {
                let contact = reader.contact(id).await?;
                // Intercom may answer with the survivor itself.
                let alias = (contact.id != id).then(|| Alias {
                    external_id: id.to_owned(),
                    survivor: Some(contact.id.clone()),
                });
                let sight = self.complete(reader, claimed, contact, reading).await?;
                Found::Contact(Box::new(sight), alias)
            }
            RepairKind::Company => {
                let company = reader.company(id).await?;
                let updated_at = company.updated_at;
                let record = CompanyRecord::from(company);
                Found::Company(Box::new(WholeSight::new(record, updated_at, reading)))
            }
            RepairKind::MergeHistory => Found::Absorbed(reader.absorbed_contacts(id).await?),
        })
    }

    /// Asks for the sub-lists that a contact's own answer cuts.
    async fn complete(
        &self,
        reader: &Reader<VaultTransport>,
        claimed: &Claimed,
        contact: Contact,
        reading: (Origin, DateTime<Utc>),
    ) -> Result<WholeSight<ContactRecord>, ReadError> {
        let connection = claimed.wanted.connection;
        let names = self.tag_names(connection).await;
        let tags = if needs_tag_list(&contact, &names) {
            Some(reader.tags_of_contact(&contact.id).await?)
        } else {
            None
        };
        let companies = if contact.has_more_companies() {
            let companies = reader.companies_of_contact(&contact.id).await?;
            Some(companies.into_iter().map(|company| company.id).collect())
        } else {
            None
        };
        let updated_at = contact.updated_at;
        let record = ContactRecord::new(connection, contact, &names, tags.as_deref(), companies);
        Ok(WholeSight::new(record, updated_at, reading))
    }

    /// Names that cannot be had make a contact's tags be asked for.
    async fn tag_names(&self, connection: harken_domain::ConnectionId) -> crate::rules::TagNames {
        let Ok(mut store) = self.store.pool().acquire().await else {
            return crate::rules::TagNames::new();
        };
        routing::tag_names(&mut store, connection)
            .await
            .unwrap_or_default()
    }

    async fn write(&self, claimed: &Claimed, found: Found) -> Result<(), StoreError> {
        let connection = claimed.wanted.connection;
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let mut page = Page::open(&mut tx, &BTreeSet::from([connection]), now).await?;
        if page.connection(connection).is_some_and(|row| row.is_open) {
            let by = By::reading(Cause::Updated);
            match found {
                Found::Conversation(sight) => {
                    let seen = vec![seen(claimed, *sight, by)];
                    page.write_conversations(&mut tx, seen).await?;
                }
                Found::Contact(sight, alias) => {
                    let merges = alias.into_iter().map(|alias| merge(claimed, alias, now));
                    page.merge(&mut tx, merges.collect()).await?;
                    page.write_contacts(&mut tx, vec![seen(claimed, *sight, by)])
                        .await?;
                }
                Found::Company(sight) => {
                    let seen = vec![seen(claimed, *sight, by)];
                    page.write_companies(&mut tx, seen, uuid::Uuid::nil())
                        .await?;
                }
                Found::Absorbed(ids) => {
                    let survivor = claimed.wanted.external_id.clone();
                    let merges = ids.into_iter().map(|external_id| {
                        let survivor = Some(survivor.clone());
                        merge(
                            claimed,
                            Alias {
                                external_id,
                                survivor,
                            },
                            now,
                        )
                    });
                    page.merge(&mut tx, merges.collect()).await?;
                }
                Found::Merged(alias) => {
                    if let Some(survivor) = &alias.survivor {
                        page.want(connection, RepairKind::Contact, survivor);
                    }
                    page.merge(&mut tx, vec![merge(claimed, alias, now)])
                        .await?;
                }
                Found::Gone(kind) => {
                    let burial = Burial {
                        connection,
                        kind,
                        external_id: claimed.wanted.external_id.clone(),
                        by,
                    };
                    page.bury(&mut tx, vec![burial]).await?;
                }
                Found::Nothing => {}
            }
        }
        repairs::done(&mut tx, claimed).await?;
        if page.close(&mut tx).await? {
            self.wanted.notify_one();
        }
        tx.commit().await?;
        Ok(())
    }

    async fn put_off(&self, claimed: &Claimed) -> Result<(), StoreError> {
        let delay_secs = FIRST_DELAY_SECS * 2_f64.powi(claimed.attempts.clamp(0, 20));
        let mut store = self.store.pool().acquire().await?;
        repairs::put_off(
            &mut store,
            &claimed.wanted,
            delay_secs.min(LONGEST_DELAY_SECS),
        )
        .await?;
        Ok(())
    }
}

/// What an error says about the record; none if it has to be asked for again.
fn outcome(error: &ReadError, claimed: &Claimed) -> Option<Found> {
    let wanted = &claimed.wanted;
    match error {
        // A record that was just made may not be found at once: it is asked for twice before it counts as gone.
        ReadError::NotFound { .. } if claimed.attempts == 0 => None,
        ReadError::NotFound { .. } => Some(match wanted.kind {
            RepairKind::Conversation => Found::Gone(RecordKind::Conversation),
            RepairKind::Contact => Found::Gone(RecordKind::Contact),
            RepairKind::Company => Found::Gone(RecordKind::Company),
            RepairKind::MergeHistory => Found::Nothing,
        }),
        ReadError::Merged { into, .. } => Some(match (wanted.kind, into) {
            (RepairKind::Contact | RepairKind::MergeHistory, Some(into)) => Found::Merged(Alias {
                external_id: wanted.external_id.clone(),
                survivor: Some(into.clone()),
            }),
            _ => Found::Gone(RecordKind::Contact),
        }),
        ReadError::Transport(TransportError::TooLarge { .. })
        | ReadError::Denied { .. }
        | ReadError::Rejected { .. }
        | ReadError::Malformed { .. }
            if claimed.attempts >= MOST_ATTEMPTS =>
        {
            tracing::warn!(connection.id = %wanted.connection, kind = wanted.kind.as_str(), error = %error, "a repair was given up");
            metrics::counter!("harken_sync_repairs_given_up_total").increment(1);
            Some(Found::Nothing)
        }
        _ => None,
    }
}

fn seen<S>(claimed: &Claimed, sight: S, by: By) -> Seen<S> {
    Seen {
        connection: claimed.wanted.connection,
        sight,
        by,
    }
}

fn merge(claimed: &Claimed, alias: Alias, now: DateTime<Utc>) -> Merge {
    Merge {
        connection: claimed.wanted.connection,
        alias,
        told_at: Some(now),
        by: By::reading(Cause::Updated),
    }
}
