use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use harken_domain::ConnectionId;
use harken_runtime::Shutdown;
use tokio::time::{Instant, timeout};

use super::Edge;
use crate::outbound::postgres::deliveries;
use crate::rules::outcome::Outcome;
use crate::rules::route::Route;
use crate::rules::tally::Tallied;

const WRITE_EVERY: Duration = Duration::from_secs(1);
const WRITE_WITHIN: Duration = Duration::from_secs(5);
const TIDY_EVERY: Duration = Duration::from_mins(10);
/// How long hours are kept.
const HOURS_KEPT_FOR: TimeDelta = TimeDelta::days(8);

/// What was counted and is not written yet, by connection. Only connections that the vault knows are counted.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<HashMap<ConnectionId, Tallied>>);

impl Tally {
    fn counted(&self) -> MutexGuard<'_, HashMap<ConnectionId, Tallied>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_back(&self, unwritten: Vec<Tallied>) {
        let mut counted = self.counted();
        for one in unwritten {
            match counted.entry(one.connection) {
                Entry::Occupied(mut later) => later.get_mut().merge(one),
                Entry::Vacant(place) => {
                    place.insert(one);
                }
            }
        }
    }
}

impl Edge {
    /// Counts what became of a notification of a connection.
    pub(super) fn tally(&self, route: Option<&Route>, outcome: Outcome, by_old_secret: bool) {
        let span = tracing::Span::current();
        span.record("outcome", outcome.as_str());
        let Some(route) = route else {
            return;
        };
        if !span.is_disabled() {
            span.record("connection.id", route.connection.to_string());
        }
        let now = self.clock.now();
        self.tally
            .counted()
            .entry(route.connection)
            .or_insert_with(|| Tallied::new(route.connection, route.organization))
            .note(outcome, by_old_secret, now);
    }

    /// Writes what was counted about once a second, and at the end. While Postgres is away, it waits.
    pub(super) async fn keep_tallying(&self, shutdown: &Shutdown) {
        let mut tidied_at = None;
        while !shutdown.is_requested() {
            tokio::select! {
                () = tokio::time::sleep(WRITE_EVERY) => {}
                () = shutdown.requested() => {}
            }
            self.write_tally().await;
            if tidied_at.is_none_or(|at: Instant| at.elapsed() > TIDY_EVERY) {
                tidied_at = Some(Instant::now());
                self.forget_old_hours().await;
            }
        }
    }

    pub(super) async fn write_tally(&self) {
        let tallied: Vec<Tallied> = self.tally.counted().drain().map(|(_, one)| one).collect();
        if tallied.is_empty() {
            return;
        }
        let written = timeout(WRITE_WITHIN, async {
            let mut transaction = self.store.begin().await?;
            deliveries::add(&mut transaction, &tallied).await?;
            transaction.commit().await
        });
        match written.await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => {
                let error = &error as &dyn std::error::Error;
                tracing::debug!(error, "counts of deliveries wait");
            }
            Err(_) => tracing::debug!("counts of deliveries wait for Postgres"),
        }
        self.tally.take_back(tallied);
    }

    async fn forget_old_hours(&self) {
        let before = self.clock.now() - HOURS_KEPT_FOR;
        let forgotten = timeout(WRITE_WITHIN, async {
            let mut postgres = self.store.pool().acquire().await?;
            deliveries::forget_before(&mut postgres, before).await
        });
        if !matches!(forgotten.await, Ok(Ok(()))) {
            tracing::debug!("old hours of deliveries stay a while longer");
        }
    }
}
