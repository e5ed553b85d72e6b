use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use harken_domain::{Clock, ConnectionId, OrganizationId, Revision};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::Vault;
use super::keyring::Home;
use crate::outbound::intercom::{Budget, Line, Sharing};
use crate::outbound::postgres::audit::{self, Deed};
use crate::outbound::postgres::{StoreError, connections, sealed_secrets};
use crate::rules::death::Death;
use crate::rules::seal::DoesNotOpen;

/// How long an opened token stays in memory.
const OPEN_FOR: TimeDelta = TimeDelta::minutes(5);
/// Most connections whose tokens are open at once.
const MOST_OPEN: usize = 4096;

/// A connection ready to be called through.
pub(crate) struct OpenLine {
    pub organization: OrganizationId,
    pub connection: ConnectionId,
    pub revision: Revision,
    pub line: Line,
    /// How the token died, once that is proved.
    pub death: OnceLock<Death>,
    /// When the token last proved alive; held while it is being proved.
    pub alive_at: tokio::sync::Mutex<Option<Instant>>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum LineError {
    #[error("there is no such connection")]
    NoSuchConnection,
    #[error("the connection is not connected: {reason}")]
    Disconnected { reason: String },
    #[error("the connection exists for a drill; there is no Intercom behind it")]
    Synthetic,
    #[error(transparent)]
    Seal(#[from] DoesNotOpen),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for LineError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The connections that are open, so that a call needs no Postgres. Bounded in number and in time.
pub(super) struct Lines {
    clock: Clock,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    lines: HashMap<(OrganizationId, ConnectionId), Slot>,
    /// Outlive the lines: what was spent stays spent.
    budgets: HashMap<ConnectionId, Arc<Budget>>,
}

#[derive(Clone)]
struct Slot {
    opened_at: DateTime<Utc>,
    opening: Arc<Opening>,
}

#[derive(Default)]
struct Opening {
    /// Filled once, however many ask at the same time.
    line: OnceCell<Arc<OpenLine>>,
    /// What the connection is known to be by now; an older line is of no use.
    least: AtomicI64,
}

impl Lines {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            held: Mutex::default(),
        }
    }

    /// Closes the lines of a connection that are older than `revision`.
    pub(super) fn close(&self, connection: ConnectionId, revision: Revision) {
        let mut held = self.held();
        for (_, slot) in held.lines.iter().filter(|((_, id), _)| *id == connection) {
            slot.opening.least.fetch_max(revision.0, Ordering::Relaxed);
        }
        held.lines.retain(|_, slot| !slot.opening.is_outdated());
    }

    /// Closes, and thereby wipes, what was open long enough.
    pub(super) fn sweep(&self) {
        let now = self.clock.now();
        let mut held = self.held();
        held.lines.retain(|_, slot| slot.is_fresh(now));
        held.budgets
            .retain(|_, budget| Arc::strong_count(budget) > 1 || !budget.is_idle());
    }

    fn slot(&self, key: (OrganizationId, ConnectionId)) -> Slot {
        let now = self.clock.now();
        let mut held = self.held();
        if let Some(slot) = held.lines.get(&key)
            && slot.is_fresh(now)
        {
            return slot.clone();
        }
        if held.lines.len() >= MOST_OPEN {
            let oldest = held.lines.iter().min_by_key(|(_, slot)| slot.opened_at);
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                held.lines.remove(&oldest);
            }
        }
        let slot = Slot {
            opened_at: now,
            opening: Arc::default(),
        };
        held.lines.insert(key, slot.clone());
        slot
    }

    /// Lets go of a slot that could not be filled.
    fn abandon(&self, key: (OrganizationId, ConnectionId), slot: &Slot) {
        let mut held = self.held();
        if held
            .lines
            .get(&key)
            .is_some_and(|kept| Arc::ptr_eq(&kept.opening, &slot.opening))
        {
            held.lines.remove(&key);
        }
    }

    fn budget(&self, sharing: Sharing) -> Arc<Budget> {
        self.held()
            .budgets
            .entry(sharing.connection)
            .or_insert_with(|| Budget::shared(sharing))
            .clone()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now - self.opened_at < OPEN_FOR
    }
}

impl Opening {
    fn is_outdated(&self) -> bool {
        let least = self.least.load(Ordering::Relaxed);
        self.line.get().is_some_and(|line| line.revision.0 < least)
    }
}

impl Vault {
    /// The line of a connection, opened if it is not. `purpose` goes into the audit log when the token is.
    pub(super) async fn line(
        &self,
        organization: OrganizationId,
        connection: ConnectionId,
        purpose: &'static str,
    ) -> Result<Arc<OpenLine>, LineError> {
        let key = (organization, connection);
        loop {
            let slot = self.lines.slot(key);
            let opened = slot
                .opening
                .line
                .get_or_try_init(|| self.open_line(organization, connection, purpose))
                .await;
            match opened {
                // Changed while it was being opened.
                Ok(_) if slot.opening.is_outdated() => self.lines.abandon(key, &slot),
                Ok(line) => return Ok(line.clone()),
                Err(error) => {
                    self.lines.abandon(key, &slot);
                    return Err(error);
                }
            }
        }
    }

    async fn open_line(
        &self,
        organization: OrganizationId,
        id: ConnectionId,
        purpose: &'static str,
    ) -> Result<Arc<OpenLine>, LineError> {
        let mut tx = self.store.begin().await?;
        let connection = connections::get(&mut tx, organization, id).await?;
        let connection = connection.ok_or(LineError::NoSuchConnection)?;
        if connection.is_synthetic() {
            return Err(LineError::Synthetic);
        }
        if let Some(end) = connection.end() {
            let reason = end.reason.clone();
            return Err(LineError::Disconnected { reason });
        }
        let sealed = sealed_secrets::token(&mut tx, organization, id).await?;
        let tokenless = StoreError::Inconsistent {
            table: "sealed_secrets",
            column: "frame",
        };
        let home = Home {
            organization,
            connection: id,
        };
        let token = self.keyring.open(home, &sealed.ok_or(tokenless)?).await?;
        let deed = Deed {
            actor: "vault",
            action: "secret.opened",
            subject: &id.to_string(),
            detail: purpose,
        };
        audit::append(&mut tx, organization, self.clock.now(), deed).await?;
        tx.commit().await?;
        let base = self.hosts.api(connection.workspace.region).clone();
        let budget = self.budget(id);
        let line = Line::new(self.direct.clone(), base, token, budget);
        Ok(Arc::new(OpenLine {
            organization,
            connection: id,
            revision: connection.revision,
            line,
            death: OnceLock::new(),
            alive_at: tokio::sync::Mutex::default(),
        }))
    }

    /// Hands on what the line that proved a connection's token learned of the workspace's limit, so that nothing has to
    /// find it out again.
    pub(super) fn acquaint(&self, connection: ConnectionId, proved: &Line) {
        self.budget(connection).acquaint(proved.budget());
    }

    fn budget(&self, connection: ConnectionId) -> Arc<Budget> {
        self.lines.budget(Sharing {
            store: self.store.clone(),
            connection,
            process: self.process,
        })
    }

    /// Closes the lines of a connection that changed, here or in another process, to be what it is at `revision`.
    pub(crate) fn close_lines(&self, connection: ConnectionId, revision: Revision) {
        self.lines.close(connection, revision);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> (OrganizationId, ConnectionId) {
        (
            OrganizationId::derive(&[b"o"]),
            ConnectionId::derive(&[b"c"]),
        )
    }

    #[test]
    fn what_was_open_for_five_minutes_is_let_go_whether_asked_for_or_not() {
        let clock = Clock::frozen(DateTime::UNIX_EPOCH);
        let lines = Lines::new(clock.clone());
        lines.slot(key());
        clock.advance(TimeDelta::seconds(299));
        lines.sweep();
        assert_eq!(lines.held().lines.len(), 1);
        clock.advance(TimeDelta::seconds(1));
        lines.sweep();
        assert!(lines.held().lines.is_empty());
    }

    #[test]
    fn the_number_of_open_lines_is_bounded_and_the_oldest_goes_first() {
        let clock = Clock::frozen(DateTime::UNIX_EPOCH);
        let lines = Lines::new(clock.clone());
        let oldest = key();
        lines.slot(oldest);
        clock.advance(TimeDelta::seconds(1));
        for number in 0..MOST_OPEN {
            let connection = ConnectionId::derive(&[&number.to_be_bytes()]);
            lines.slot((oldest.0, connection));
        }
        let held = lines.held();
        assert_eq!(held.lines.len(), MOST_OPEN);
        assert!(!held.lines.contains_key(&oldest));
    }
}
