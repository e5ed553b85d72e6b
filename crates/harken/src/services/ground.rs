use anyhow::Context as _;
use harken_bus::Bus;
use harken_domain::Clock;
use harken_runtime::{Readiness, ServiceIdentity, Shutdown, Tasks};
use harken_store::{Store, StoreConfig};

use super::Room;
use super::settings::{Database, Settings};

/// What a room is built on.
pub(crate) struct Ground {
    /// Its own schema; none for a room without tables.
    store: Option<Store>,
    pub(crate) bus: Bus,
    pub(crate) clock: Clock,
    pub(crate) shutdown: Shutdown,
    pub(crate) tasks: Tasks,
    /// By what name and secret it calls other rooms.
    pub(crate) identity: ServiceIdentity,
}

/// The life of a process, shared by all that runs in it.
#[derive(Clone)]
pub(crate) struct Life {
    pub(crate) clock: Clock,
    pub(crate) readiness: Readiness,
    pub(crate) shutdown: Shutdown,
    pub(crate) tasks: Tasks,
}

impl Life {
    pub(crate) fn until(shutdown: Shutdown) -> Self {
        Self {
            clock: Clock::system(),
            readiness: Readiness::new(),
            tasks: Tasks::new(shutdown.clone()),
            shutdown,
        }
    }
}

impl Ground {
    /// Connects the room's store; `bus` may be shared with others.
    pub(crate) async fn lay(
        room: &Room,
        settings: &Settings,
        bus: Bus,
        life: &Life,
    ) -> anyhow::Result<Self> {
        let store = match &settings.database {
            Some(database) => Some(connect(room, database).await?),
            None => None,
        };
        if let Some(store) = store.clone() {
            life.readiness.check(room.name, move || {
                let store = store.clone();
                async move { store.ping().await }
            });
        }
        let identity = ServiceIdentity::new(
            room.name,
            settings.service_secret.clone(),
            life.clock.clone(),
        );
        Ok(Self {
            store,
            bus,
            clock: life.clock.clone(),
            shutdown: life.shutdown.clone(),
            tasks: life.tasks.clone(),
            identity,
        })
    }
}

impl Ground {
    /// The tables of a room that has some.
    pub(crate) fn store(&self) -> anyhow::Result<Store> {
        self.store.clone().context("this service keeps no tables")
    }
}

async fn connect(room: &Room, database: &Database) -> anyhow::Result<Store> {
    let config = StoreConfig {
        database_url: database.url.clone(),
        schema: room.name,
        max_connections: database.max_connections,
    };
    Store::connect(config)
        .await
        .with_context(|| format!("{} cannot start", room.name))
}

/// Connects the bus and has readiness watch it.
pub(crate) async fn connect_bus(settings: &Settings, life: &Life) -> anyhow::Result<Bus> {
    let bus = Bus::connect(settings.bus.clone()).await?;
    let watched = bus.clone();
    life.readiness.check("bus", move || {
        let bus = watched.clone();
        async move { bus.ping().await }
    });
    Ok(bus)
}
