use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use harken_domain::{Clock, ConnectionId};
use harken_runtime::Tasks;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::outbound::vault::Away;
use crate::rules::key::Keys;
use crate::rules::route::Route;
use crate::rules::standing::{History, Standing};

/// How long the vault may take at all.
const ASK_WITHIN: Duration = Duration::from_secs(5);
/// Most questions to the vault at once. Strangers can make us ask.
const ASKING_AT_ONCE: usize = 32;
/// Most answers kept. Strangers can make us keep that there is nothing.
const MOST: usize = 100_000;

/// An answer of the vault that is worth remembering.
pub(super) trait Answer: Clone + Send + Sync + 'static {
    /// How long it is taken as it is.
    fn fresh_for(&self) -> TimeDelta;

    /// Whether it says that there is something.
    fn is_something(&self) -> bool;

    /// Whether it leads to a connection.
    fn leads_to(&self, connection: ConnectionId) -> bool;
}

impl Answer for Arc<Keys> {
    fn fresh_for(&self) -> TimeDelta {
        TimeDelta::seconds(60)
    }

    fn is_something(&self) -> bool {
        !self.keys.is_empty() || self.route.is_some()
    }

    fn leads_to(&self, connection: ConnectionId) -> bool {
        self.route
            .as_ref()
            .is_some_and(|route| route.connection == connection)
    }
}

impl Answer for Option<Arc<Route>> {
    fn fresh_for(&self) -> TimeDelta {
        TimeDelta::seconds(if self.is_some() { 60 } else { 5 })
    }

    fn is_something(&self) -> bool {
        self.is_some()
    }

    fn leads_to(&self, connection: ConnectionId) -> bool {
        self.as_ref()
            .is_some_and(|route| route.connection == connection)
    }
}

/// Answers of the vault. Whoever needs one that is under way waits for the same; while the vault is away, the last good
/// answer serves for an hour.
#[derive(Debug)]
pub(super) struct Remembered<K, V> {
    entries: Arc<RwLock<HashMap<K, Entry<V>>>>,
    asking: Arc<Semaphore>,
    clock: Clock,
    tasks: Tasks,
    /// How long a request waits; an answer that comes later serves the next one.
    patience: Duration,
}

/// A question under way; it ends with none if the vault does not answer.
type Flight<V> = Shared<BoxFuture<'static, Option<V>>>;

#[derive(Debug)]
struct Entry<V> {
    value: Option<V>,
    history: History,
    flight: Option<Flight<V>>,
}

impl<V> Default for Entry<V> {
    fn default() -> Self {
        Self {
            value: None,
            history: History::default(),
            flight: None,
        }
    }
}

impl<V: Answer> Entry<V> {
    fn standing(&self, now: DateTime<Utc>) -> Standing {
        match &self.value {
            Some(value) => self.history.standing(value.fresh_for(), now),
            None => Standing::Lapsed,
        }
    }

    fn usable(&self, now: DateTime<Utc>) -> Option<V> {
        let value = self.value.as_ref()?;
        (self.standing(now) != Standing::Lapsed).then(|| value.clone())
    }
}

impl<K, V> Remembered<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Answer,
{
    pub(super) fn new(clock: Clock, tasks: Tasks, patience: Duration) -> Self {
        Self {
            entries: Arc::default(),
            asking: Arc::new(Semaphore::new(ASKING_AT_ONCE)),
            clock,
            tasks,
            patience,
        }
    }

    /// Forgets the answers that lead to a connection.
    pub(super) fn forget(&self, connection: ConnectionId) {
        let leads_there = |entry: &Entry<V>| {
            let value = entry.value.as_ref();
            value.is_some_and(|value| value.leads_to(connection))
        };
        self.entries().retain(|_, entry| !leads_there(entry));
    }

    /// The answer about `key`, if one is at hand that is fresh.
    pub(super) fn fresh<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(key)?;
        if entry.standing(self.clock.now()) != Standing::Fresh {
            return None;
        }
        entry.value.clone()
    }

    /// The answer about `key`, asked for if none is fresh; none if it cannot be had.
    pub(super) async fn get<F>(&self, key: &K, ask: impl FnOnce() -> F) -> Option<V>
    where
        F: Future<Output = Result<V, Away>> + Send + 'static,
    {
        let now = self.clock.now();
        let (usable, flight) = {
            let mut entries = self.entries();
            let entry = entries.entry(key.clone()).or_default();
            let usable = entry.usable(now);
            if entry.standing(now) == Standing::Fresh {
                return usable;
            }
            if entry.flight.is_none() && entry.history.may_ask(now) {
                self.ask(key, entry, now, ask);
            }
            let flight = entry.flight.clone();
            make_room(&mut entries);
            (usable, flight)
        };
        let Some(flight) = flight else {
            return usable;
        };
        let patience = if usable.is_some() {
            self.patience / 2
        } else {
            self.patience
        };
        timeout(patience, flight).await.ok().flatten().or(usable)
    }

    /// The answer about `key`, asked for again because the one at hand failed; none if that is not due, or fails.
    pub(super) async fn renew<F>(&self, key: &K, ask: impl FnOnce() -> F) -> Option<V>
    where
        F: Future<Output = Result<V, Away>> + Send + 'static,
    {
        let now = self.clock.now();
        let flight = {
            let mut entries = self.entries();
            let entry = entries.entry(key.clone()).or_default();
            if entry.flight.is_none() {
                if !entry.history.may_doubt(now) {
                    return None;
                }
                entry.history.doubted = Some(now);
                self.ask(key, entry, now, ask);
            }
            entry.flight.clone()
        };
        timeout(self.patience, flight?).await.ok().flatten()
    }

    /// Sends a question on its way, if not too many are already.
    fn ask<F>(&self, key: &K, entry: &mut Entry<V>, now: DateTime<Utc>, ask: impl FnOnce() -> F)
    where
        F: Future<Output = Result<V, Away>> + Send + 'static,
    {
        let Ok(seat) = Arc::clone(&self.asking).try_acquire_owned() else {
            return;
        };
        entry.history.asked = Some(now);
        let (question, key) = (ask(), key.clone());
        let (entries, clock) = (Arc::clone(&self.entries), self.clock.clone());
        let flight = async move {
            let answer = timeout(ASK_WITHIN, question).await;
            drop(seat);
            let answer = answer.ok().and_then(Result::ok);
            let mut entries = entries.write().unwrap_or_else(PoisonError::into_inner);
            if let Some(entry) = entries.get_mut(&key) {
                entry.flight = None;
                if let Some(answer) = &answer {
                    entry.value = Some(answer.clone());
                    entry.history.answered = Some(clock.now());
                }
            }
            answer
        };
        let flight = flight.boxed().shared();
        entry.flight = Some(flight.clone());
        // Whoever asked may give up; the answer is wanted all the same.
        self.tasks.spawn("ask the vault", flight.map(drop));
    }

    fn entries(&self) -> RwLockWriteGuard<'_, HashMap<K, Entry<V>>> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets first that there is nothing, and everything if that does not help.
fn make_room<K: Eq + Hash, V: Answer>(entries: &mut HashMap<K, Entry<V>>) {
    if entries.len() > MOST {
        entries.retain(|_, entry| entry.value.as_ref().is_some_and(V::is_something));
    }
    if entries.len() > MOST {
        entries.clear();
    }
}
