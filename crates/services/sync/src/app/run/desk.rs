use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use harken_domain::{ConnectionId, OrganizationId, RunId};
use harken_intercom::{Priority, ReadError, Reader};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Halt,
    fetch::concerns_one_record,
    notes::Notes,
    patience::{Patience, patiently},
};
use crate::{
    app::{
        Sync,
        mirror::{By, Page, Seen},
        reader::NoReader,
    },
    outbound::{
        events::Concerned,
        postgres::leases::{self, Claimed},
        postgres::run_log,
        vault::{Gauge, VaultTransport},
    },
    rules::{
        Cause,
        counts::{Counts, Kind},
        failure,
        fold::Origin,
    },
};

/// How often one record is asked for whose answer cannot be read; then it is a gap.
const RECORD: u32 = 4;
/// How often a list is asked for whose answer cannot be read, which takes two minutes; then the run fails.
const LIST: u32 = 12;

/// Where a worker does a run: who it is, for whom, and what it reads with. Shared by all that goes on at once.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) sync: Sync,
    pub(super) run: RunId,
    pub(super) connection: ConnectionId,
    pub(super) organization: OrganizationId,
    /// The worker, as the lease names it.
    pub(super) owner: Uuid,
    /// The workspace's; UTC where Intercom names none that is known.
    pub(super) zone: Tz,
    /// When the run began: what changes later is the next one's.
    pub(super) bound_at: DateTime<Utc>,
    /// How far back conversations are read.
    pub(super) backfill: TimeDelta,
    pub(super) reader: Reader<VaultTransport>,
    pub(super) notes: Notes,
    requests: Arc<AtomicU64>,
    gauge: Arc<Gauge>,
    /// What Intercom refuses to give of every record.
    denied: Mutex<BTreeSet<Kind>>,
}

impl Desk {
    pub(super) async fn new(sync: Sync, claimed: &Claimed, owner: Uuid) -> Result<Self, NoReader> {
        let requests = Arc::new(AtomicU64::new(claimed.requests.unsigned_abs()));
        let transport = VaultTransport::new(
            &sync.vault,
            claimed.organization,
            claimed.connection,
            Arc::clone(&requests),
        );
        let gauge = Arc::<Gauge>::default();
        let transport = transport.measured_by(Arc::clone(&gauge));
        let whose = (claimed.organization, claimed.connection);
        let reader = sync.reader(whose, Priority::Backfill, transport).await?;
        Ok(Self {
            run: claimed.run,
            connection: claimed.connection,
            organization: claimed.organization,
            owner,
            zone: claimed.timezone.parse().unwrap_or(Tz::UTC),
            bound_at: claimed.bound_at,
            backfill: claimed.backfill_days.map_or(sync.limits.backfill, |days| {
                TimeDelta::days(i64::from(days))
            }),
            reader,
            notes: Notes::new(sync.clock.clone()),
            requests,
            gauge,
            denied: Mutex::default(),
            sync,
        })
    }

    pub(super) fn concerned(&self) -> Concerned {
        Concerned {
            organization: self.organization,
            connection: self.connection,
        }
    }

    /// Locks the mirror until the end of the transaction.
    pub(super) async fn open(&self, store: &mut PgConnection) -> Result<Page, Halt> {
        let own = BTreeSet::from([self.connection]);
        Ok(Page::open(store, &own, self.sync.clock.now()).await?)
    }

    /// Brings in line what follows from what was written.
    pub(super) async fn close(&self, store: &mut PgConnection, mirror: Page) -> Result<(), Halt> {
        if mirror.close(store).await? {
            self.sync.wanted.notify_one();
        }
        Ok(())
    }

    /// Something that was read, just now.
    pub(super) fn seen<S>(&self, sight: S) -> Seen<S> {
        Seen {
            connection: self.connection,
            sight,
            by: By::reading(Cause::Imported),
        }
    }

    /// How a run comes to know: it reads, now.
    pub(super) fn reading(&self) -> (Origin, DateTime<Utc>) {
        (Origin::Fetched, self.sync.clock.now())
    }

    /// Says that a kind has been read to its end: what was seen is all there is.
    pub(super) fn note_end(&self, kind: Kind, counts: &mut Counts) {
        let count = counts.of(kind);
        count.total = Some(count.seen);
        self.notes.info(format!(
            "{} read: {}",
            capitalized(kind.as_str()),
            count.words(),
        ));
    }

    /// How many records may be asked for at once, so that what is permitted is used.
    pub(super) fn room(&self) -> usize {
        self.gauge.room(self.sync.limits.in_flight)
    }

    /// Requests made to Intercom so far, by all who worked on the run.
    pub(super) fn requests(&self) -> i64 {
        i64::try_from(self.requests.load(Ordering::Relaxed)).unwrap_or(i64::MAX)
    }

    /// Whether Intercom refuses `kind` of every record.
    pub(super) fn is_denied(&self, kind: Kind) -> bool {
        let denied = self.denied.lock().unwrap_or_else(PoisonError::into_inner);
        denied.contains(&kind)
    }

    /// Notes that Intercom refuses `kind` of every record; whether that is news.
    pub(super) fn deny(&self, kind: Kind) -> bool {
        let mut denied = self.denied.lock().unwrap_or_else(PoisonError::into_inner);
        denied.insert(kind)
    }

    /// Reads one record of many with patience; what goes wrong is the caller's to judge.
    pub(super) async fn ask<A, F>(&self, kind: Kind, ask: impl Fn() -> F) -> Result<A, ReadError>
    where
        F: Future<Output = Result<A, ReadError>>,
    {
        self.read(kind, RECORD, ask).await
    }

    /// Reads with more patience what the run cannot do without.
    pub(super) async fn need<A, F>(&self, kind: Kind, ask: impl Fn() -> F) -> Result<A, Halt>
    where
        F: Future<Output = Result<A, ReadError>>,
    {
        let read = self.read(kind, LIST, ask).await;
        read.map_err(|error| self.fatal(kind, &error))
    }

    /// Reads with as much patience what the run can do without; only what speaks about the connection as a whole ends it.
    pub(super) async fn may<A, F>(
        &self,
        kind: Kind,
        ask: impl Fn() -> F,
    ) -> Result<Result<A, ReadError>, Halt>
    where
        F: Future<Output = Result<A, ReadError>>,
    {
        match self.read(kind, LIST, ask).await {
            Err(error) if !concerns_one_record(&error) => Err(self.fatal(kind, &error)),
            read => Ok(read),
        }
    }

    async fn read<A, F>(
        &self,
        kind: Kind,
        unreadable: u32,
        ask: impl Fn() -> F,
    ) -> Result<A, ReadError>
    where
        F: Future<Output = Result<A, ReadError>>,
    {
        let patience = Patience {
            away: self.sync.limits.patience,
            unreadable,
        };
        patiently(&self.notes, patience, kind.as_str(), ask).await
    }

    /// The end of a run that cannot read `kind`.
    pub(super) fn fatal(&self, kind: Kind, error: &ReadError) -> Halt {
        self.notes.warning(
            format!("Reading {} failed: {error}", kind.as_str()),
            error.request_id(),
        );
        self.notes.miss(failure::permission(kind), error);
        Halt::Failed(failure::words(kind, error))
    }

    /// Keeps the lease, shows what the run waits for and writes down its notes; ends when the lease is lost.
    pub(super) async fn hold(&self) -> Halt {
        let lease = self.sync.limits.lease;
        let mut beats = tokio::time::interval(lease / 5);
        loop {
            beats.tick().await;
            match self.beat().await {
                Ok(true) => {}
                Ok(false) => return Halt::Lost,
                // Whoever writes meets the same trouble and says so.
                Err(cause) => tracing::debug!(error = %cause, "a lease could not be renewed"),
            }
        }
    }

    async fn beat(&self) -> Result<bool, sqlx::Error> {
        let lease_secs = self.sync.limits.lease.as_secs_f64();
        let waits_for = self.notes.waiting();
        let mut tx = self.sync.store.begin().await?;
        let requests = self.requests();
        if !leases::renew(
            &mut tx, self.run, self.owner, lease_secs, &waits_for, requests,
        )
        .await?
        {
            return Ok(false);
        }
        run_log::append(&mut tx, self.run, &self.notes.take()).await?;
        tx.commit().await?;
        Ok(true)
    }
}

fn capitalized(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_ascii_uppercase() + rest
}
