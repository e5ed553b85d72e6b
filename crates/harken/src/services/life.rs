use std::sync::OnceLock;
use std::time::Duration;

use harken_bus::Bus;
use harken_domain::Clock;
use harken_runtime::{Readiness, Shutdown, Tasks};

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

    /// Connects the bus and has readiness watch it.
    pub(crate) async fn connect_bus(&self, settings: &Settings) -> anyhow::Result<Bus> {
        let bus = Bus::connect(settings.bus.clone()).await?;
        let watched = self.bus.get_or_init(|| bus.clone()).clone();
        self.readiness.check("bus", move || {
            let bus = watched.clone();
            async move { bus.ping().await }
        });
        Ok(bus)
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
