//! Takes in notifications: a batch in one transaction, with all that follows from it.

mod gather;
mod given_up;
mod reading;

use std::collections::BTreeMap;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, DataPolicy, OrganizationId};
use harken_store::inbox;
use sqlx::PgConnection;

use self::{
    gather::Gathered,
    reading::{Meaning, Reading},
};
use super::{Sync, mirror::Page};
use crate::outbound::postgres::{
    StoreError, archivals, is_refusal,
    notifications::{self, Outcome, Trace, shortened},
    routing, unknown_topics,
};

pub(crate) use self::given_up::READER_OF_DEAD;

/// Name of the durable consumer, and of its inbox.
pub(crate) const CONSUMER: &str = "sync-webhooks";

/// A notification as it came from the bus.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) message_id: String,
    pub(crate) connection: ConnectionId,
    pub(crate) organization: OrganizationId,
    pub(crate) notification_id: String,
    pub(crate) topic: String,
    pub(crate) ids_only: bool,
    /// It holds structure alone, with people by pseudonyms.
    pub(crate) veiled: bool,
    pub(crate) received_at: DateTime<Utc>,
    pub(crate) body: Bytes,
}

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It had its effect, now or before.
    Done,
    /// Its connection is not known yet.
    TooEarly,
    /// Nobody can take it.
    Hopeless { reason: &'static str, error: String },
}

impl Sync {
    /// Takes in notifications; what becomes of each, in order. What the store refuses is found by taking them one by one.
    pub(crate) async fn take_notifications(
        &self,
        batch: &[Heard],
    ) -> Result<Vec<Taken>, StoreError> {
        match self.take_together(batch).await {
            Err(cause) if is_refusal(&cause) => {
                let mut taken = Vec::with_capacity(batch.len());
                for one in batch {
                    taken.push(self.take_alone(one).await?);
                }
                Ok(taken)
            }
            taken => taken,
        }
    }

    async fn take_alone(&self, one: &Heard) -> Result<Taken, StoreError> {
        let alone = std::slice::from_ref(one);
        match self.take_together(alone).await {
            Ok(taken) => Ok(taken.into_iter().next().unwrap_or(Taken::Done)),
            Err(cause) if is_refusal(&cause) => Ok(Taken::Hopeless {
                reason: "refused",
                error: "the store refuses what it says".to_owned(),
            }),
            Err(cause) => Err(cause),
        }
    }

    async fn take_together(&self, batch: &[Heard]) -> Result<Vec<Taken>, StoreError> {
        let mut readings: Vec<Reading> = batch.iter().map(Reading::of).collect();
        let connections = batch.iter().map(|one| one.connection).collect();
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let mut page = Page::open(&mut tx, &connections, now).await?;
        let mut taken = Vec::with_capacity(batch.len());
        for (one, reading) in batch.iter().zip(&mut readings) {
            taken.push(judge(&page, one, reading));
        }
        let ids: Vec<String> = batch.iter().map(|one| one.message_id.clone()).collect();
        // What goes to the dead letters is not claimed, so that a replay has its chance.
        let is_claimed = |n: usize| taken[n] == Taken::Done;
        let claimable: Vec<String> = ids
            .iter()
            .enumerate()
            .filter(|(n, _)| is_claimed(*n))
            .map(|(_, id)| id.clone())
            .collect();
        let mut claimed = inbox::claim(&mut tx, CONSUMER, &claimable)
            .await?
            .into_iter();
        let first: Vec<bool> = (0..batch.len())
            .map(|n| is_claimed(n) && claimed.next().unwrap_or(false))
            .collect();
        let outcomes = self
            .apply(&mut tx, &mut page, batch, readings, &first)
            .await?;
        let is_traced = |n: &usize| {
            let connection = page.connection(batch[*n].connection);
            connection.is_some_and(|row| !row.is_erased)
        };
        let traces: Vec<Trace> = outcomes
            .into_iter()
            .filter(|(n, _)| is_traced(n))
            .map(|(n, outcome)| trace(&batch[n], outcome))
            .collect();
        self.finish(&mut tx, page).await?;
        // Last of all, so that the moment is the commit's as nearly as can be.
        notifications::record(&mut tx, &traces, self.clock.now()).await?;
        tx.commit().await?;
        for trace in &traces {
            metrics::counter!("harken_sync_notifications_total", "outcome" => trace.outcome.as_str())
                .increment(1);
        }
        Ok(taken)
    }

    async fn finish(&self, store: &mut PgConnection, page: Page) -> Result<(), StoreError> {
        if page.close(store).await? {
            self.wanted.notify_one();
        }
        Ok(())
    }

    /// Gives notifications that come for the first time their effect; what became of each.
    async fn apply(
        &self,
        store: &mut PgConnection,
        page: &mut Page,
        batch: &[Heard],
        readings: Vec<Reading>,
        first: &[bool],
    ) -> Result<Vec<(usize, Outcome)>, StoreError> {
        let tags = readings
            .iter()
            .zip(batch)
            .flat_map(|(reading, one)| reading.tags().map(|tag| (one.connection, tag)));
        let names = routing::names_of(store, &tags.collect()).await?;
        let mut gathered = Gathered::default();
        for (n, (reading, one)) in readings.into_iter().zip(batch).enumerate() {
            if first[n] {
                gathered.add(n, one, reading, &names, page);
            }
        }
        let Gathered {
            burials,
            merges,
            archivals,
            contacts,
            companies,
            conversations,
            unknown,
            outcomes,
        } = gathered;
        page.bury(store, burials).await?;
        page.merge(store, merges).await?;
        archivals::note(store, &archivals).await?;
        page.write_contacts(store, contacts).await?;
        page.write_companies(store, companies, uuid::Uuid::nil())
            .await?;
        page.write_conversations(store, conversations).await?;
        unknown_topics::count(store, &unknown).await?;
        let decided = outcomes.into_iter().map(|(n, outcome)| {
            let outcome = match outcome {
                Outcome::Superseded | Outcome::Refetched if page.is_applied(n) => Outcome::Applied,
                outcome => outcome,
            };
            (n, outcome)
        });
        Ok(decided.collect())
    }
}

/// What becomes of a message as far as its connection and its own words tell. A connection that is closed takes nothing in,
/// and one that keeps structure alone takes nothing from what may hold more.
fn judge(page: &Page, one: &Heard, reading: &mut Reading) -> Taken {
    let Some(connection) = page.connection(one.connection) else {
        return Taken::TooEarly;
    };
    if connection.organization != one.organization {
        return Taken::Hopeless {
            reason: "invalid",
            error: "the connection belongs to another organization".to_owned(),
        };
    }
    if !connection.is_open {
        reading.meaning = Meaning::Nothing(Outcome::Ignored);
        return Taken::Done;
    }
    if connection.data_policy == DataPolicy::MetadataOnly && !one.veiled {
        reading.reduce_to_fetch();
    }
    match &reading.meaning {
        Meaning::Unreadable { reason, error } => Taken::Hopeless {
            reason,
            error: error.clone(),
        },
        _ => Taken::Done,
    }
}

fn trace(one: &Heard, outcome: Outcome) -> Trace {
    Trace {
        connection: one.connection,
        notification_id: shortened(&one.notification_id),
        topic: shortened(&one.topic),
        outcome,
        received_at: one.received_at,
    }
}

/// How often topics without an effect came in a batch, and when last.
type UnknownTopics = BTreeMap<(ConnectionId, String), (i64, DateTime<Utc>)>;
