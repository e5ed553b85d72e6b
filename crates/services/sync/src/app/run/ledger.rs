use std::time::Duration;

use sqlx::{Postgres, Transaction};
use tokio::time::Instant;

use super::{Desk, Halt};
use crate::{
    outbound::{
        events::run_progressed::{self, Pace},
        postgres::{
            gaps::{self, Gap},
            lacks,
            leases::{self, Claimed, Progress},
            permissions, run_log,
        },
    },
    rules::{
        checkpoint::Checkpoint,
        counts::{Count, Counts, Kind},
        meter::Meter,
    },
};

/// How often progress is told at most.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// How far a run is, as the store knows it. It changes with a committed transaction and not otherwise.
#[derive(Debug)]
pub(super) struct Ledger {
    checkpoint: Checkpoint,
    counts: Counts,
    meter: Meter,
    /// How fast conversations alone are dealt with; they take most of the time.
    conversations: Option<Meter>,
    /// When the last batch was committed.
    committed: Duration,
    began: Instant,
    told: Option<Instant>,
}

/// What a batch changes of it, beside its rows.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) checkpoint: Checkpoint,
    pub(super) counts: Counts,
    pub(super) gaps: Vec<Gap>,
}

impl Ledger {
    pub(super) fn new(claimed: &Claimed) -> Self {
        Self {
            checkpoint: claimed.checkpoint.clone(),
            counts: claimed.counts.clone(),
            meter: Meter::beginning(Duration::ZERO),
            conversations: None,
            committed: Duration::ZERO,
            began: Instant::now(),
            told: None,
        }
    }

    pub(super) fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Commits a batch's rows together with what they mean for the run. Nothing of it stays if the lease is gone.
    pub(super) async fn commit(
        &mut self,
        desk: &Desk,
        mut tx: Transaction<'static, Postgres>,
        entry: Entry,
    ) -> Result<(), Halt> {
        let at = self.began.elapsed();
        self.meter.add(
            at,
            dealt_with(&entry.counts).saturating_sub(dealt_with(&self.counts)),
        );
        let conversations =
            |counts: &Counts| counts.get(Kind::Conversations).map_or(0, Count::done);
        let more = conversations(&entry.counts).saturating_sub(conversations(&self.counts));
        if more > 0 {
            let began = self.committed;
            let meter = self
                .conversations
                .get_or_insert_with(|| Meter::beginning(began));
            meter.add(at, more);
        }
        let pace = self.pace(&entry.counts);
        let new_gaps = gaps::append(&mut tx, desk.run, &entry.gaps).await?;
        let now = desk.sync.clock.now();
        let vain: Vec<_> = entry
            .gaps
            .iter()
            .filter_map(|gap| gap.vain(desk.connection))
            .collect();
        lacks::note(&mut tx, &vain, now).await?;
        let missing = desk.notes.take_missing();
        permissions::miss(&mut tx, desk.connection, desk.run, &missing, now).await?;
        run_log::append(&mut tx, desk.run, &desk.notes.take()).await?;
        let progress = Progress {
            checkpoint: &entry.checkpoint,
            counts: &entry.counts,
            requests: desk.requests(),
            rows_per_second: pace.rows_per_second,
            eta_secs: pace
                .eta_secs
                .map(|secs| i64::try_from(secs).unwrap_or(i64::MAX)),
            new_gaps: i64::try_from(new_gaps).unwrap_or(i64::MAX),
        };
        if !leases::save(&mut tx, desk.run, desk.owner, &progress).await? {
            return Err(Halt::Lost);
        }
        if self.told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
            let now = desk.sync.clock.now();
            run_progressed::post(
                &mut tx,
                desk.concerned(),
                desk.run,
                &entry.counts,
                pace,
                now,
            )
            .await?;
            self.told = Some(Instant::now());
        }
        tx.commit().await?;
        self.committed = at;
        self.count(&entry.counts);
        self.checkpoint = entry.checkpoint;
        self.counts = entry.counts;
        Ok(())
    }

    fn pace(&self, counts: &Counts) -> Pace {
        let left = counts
            .get(Kind::Conversations)
            .and_then(|count| Some(count.total?.saturating_sub(count.done())));
        Pace {
            rows_per_second: self.meter.per_second(),
            eta_secs: left.and_then(|left| self.conversations.as_ref()?.eta_secs(left)),
        }
    }

    fn count(&self, after: &Counts) {
        for (kind, count) in after.iter() {
            let before = self.counts.get(kind).map_or(0, |count| count.written);
            let kind = kind.as_str();
            metrics::counter!("harken_sync_records_written_total", "kind" => kind)
                .increment(count.written.saturating_sub(before));
        }
    }
}

/// Records dealt with, parts included.
fn dealt_with(counts: &Counts) -> u64 {
    counts.iter().map(|(_, count)| count.done()).sum()
}
