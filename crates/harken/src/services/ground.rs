use anyhow::Context as _;
use harken_bus::Bus;
use harken_domain::Clock;
use harken_runtime::{ServiceIdentity, Shutdown, Tasks};
use harken_store::{Store, StoreConfig};

use super::settings::{Database, Settings};
use super::{Life, Needs, Room};

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
        match (&store, room.needs) {
            (Some(store), Needs::Everything) => life.require_store(room.name, store),
            (Some(store), Needs::OneStore) => life.require_either(&bus, store),
            (None, _) => {}
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
