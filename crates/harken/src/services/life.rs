use std::sync::OnceLock;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::select_ok;
use harken_bus::Bus;
use harken_domain::Clock;
use harken_runtime::{Readiness, Shutdown, Tasks};
use harken_store::Store;

use super::Settings;

/// The life of a process, shared by all that runs in it.
pub(crate) struct Life {
    pub(crate) clock: Clock,
    pub(crate) readiness: Readiness,
    pub(crate) shutdown: Shutdown,
    pub(crate) tasks: Tasks,
    bus: OnceLock<Bus>,
}

impl Life {
    pub(crate) fn until(shutdown: Shutdown) -> Self {
        Self {
            clock: Clock::system(),
            readiness: Readiness::new(),
            tasks: Tasks::new(shutdown.clone()),
            shutdown,
            bus: OnceLock::new(),
        }
    }

    /// Connects the bus; what runs in the process shares it.
    pub(crate) async fn connect_bus(&self, settings: &Settings) -> anyhow::Result<Bus> {
        let bus = Bus::connect(settings.bus.clone()).await?;
        Ok(self.bus.get_or_init(|| bus).clone())
    }

    /// Has readiness watch the bus.
    pub(crate) fn require_bus(&self, bus: &Bus) {
        let bus = bus.clone();
        self.readiness.check("bus", move || {
            let bus = bus.clone();
            async move { bus.ping().await }
        });
    }

    /// Has readiness watch a room's tables.
    pub(crate) fn require_store(&self, name: &'static str, store: &Store) {
        let store = store.clone();
        self.readiness.check(name, move || {
            let store = store.clone();
            async move { store.ping().await }
        });
    }

    /// Has readiness watch that one of the two is there.
    pub(crate) fn require_either(&self, bus: &Bus, store: &Store) {
        let (bus, store) = (bus.clone(), store.clone());
        self.readiness.check("bus or database", move || {
            let (bus, store) = (bus.clone(), store.clone());
            async move {
                let pings = [
                    async move { bus.ping().await }.boxed(),
                    async move { store.ping().await }.boxed(),
                ];
                select_ok(pings).await.map(drop)
            }
        });
    }

    /// Waits until everything has drained, at most `patience`; then cuts what still runs.
    pub(crate) async fn end(&self, patience: Duration) -> anyhow::Result<()> {
        let drained = self.tasks.drain(patience).await;
        for task in drained.unfinished.iter().filter(|_| !patience.is_zero()) {
            tracing::warn!(task, "cut, as it did not end in time");
        }
        if let Some(bus) = self.bus.get() {
            bus.close().await;
        }
        Ok(drained.into_result()?)
    }
}
