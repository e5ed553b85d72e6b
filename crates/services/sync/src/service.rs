use std::{convert::Infallible, sync::Arc, time::Duration};

use harken_bus::{Bus, ConsumerSpec};
use harken_contracts::{
    subjects::{self, Stream},
    wire::{directory::v1::directory_server::DirectoryServer, sync::v1::sync_server::SyncServer},
};
use harken_domain::Clock;
use harken_runtime::{
    ConfigError, ServiceChannel, ServiceIdentity, Shutdown, Tasks,
    grpc::{MAX_REQUEST_BYTES, Services},
};
use harken_store::{SchemaMigrations, Store, erasure::Eraser, keep_tidy, outbox::Relay};
use tokio::sync::Notify;

use crate::{
    Config,
    app::{Repairs, Sync, Worker, keep_live_tidy, keep_schedule, live},
    inbound::{
        events::{CONSUMER, ConnectionChanged, NotificationGivenUp, NotificationReceived},
        grpc::{DirectoryRpc, SyncRpc},
    },
    outbound::postgres::holdings::HOLDINGS,
};

/// How long a run that is under way may take to be given back.
const DRAIN: Duration = Duration::from_secs(10);

/// Notifications that are taken in by one transaction.
const NOTIFICATIONS_AT_ONCE: usize = 256;

/// What sync stands on.
#[derive(Clone, Debug)]
pub struct Rails {
    /// Its tables, in the schema `sync`.
    pub store: Store,
    /// Connections in, records out.
    pub bus: Bus,
    /// What time it is.
    pub clock: Clock,
}

/// Why sync could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The vault's address cannot be used.
    #[error(transparent)]
    Vault(#[from] ConfigError),
}

/// Why sync stopped early: it does not.
pub type RunError = Infallible;

/// The tables of sync.
pub fn migrations() -> SchemaMigrations {
    SchemaMigrations {
        schema: "sync",
        migrator: sqlx::migrate!("../../../migrations/sync"),
    }
}

/// Joins sync to its rails.
pub async fn build(config: Config, rails: Rails) -> Result<Service, BuildError> {
    let identity = ServiceIdentity::new("sync", config.service_secret, rails.clock.clone());
    let sync = Sync {
        vault: ServiceChannel::connect_lazy(&config.vault_endpoint, identity)?,
        store: rails.store,
        clock: rails.clock,
        limits: config.limits,
        queued: Arc::new(Notify::new()),
        wanted: Arc::new(Notify::new()),
    };
    Ok(Service {
        sync,
        bus: rails.bus,
        runs_at_once: config.runs_at_once,
    })
}

/// Sync, built.
#[derive(Debug)]
pub struct Service {
    sync: Sync,
    bus: Bus,
    runs_at_once: usize,
}

impl Service {
    /// What it answers: `sync.v1` and `directory.v1`.
    pub fn grpc(&self) -> Services {
        let runs = SyncServer::new(SyncRpc::new(self.sync.clone()));
        let directory = DirectoryServer::new(DirectoryRpc::new(self.sync.clone()));
        Services::new()
            .add(runs.max_decoding_message_size(MAX_REQUEST_BYTES))
            .add(directory.max_decoding_message_size(MAX_REQUEST_BYTES))
    }

    /// Works until `shutdown`: follows connections, does runs, relays events.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), RunError> {
        let tasks = Tasks::new(shutdown.clone());
        let worker = Worker::new(
            self.sync.clone(),
            tasks.clone(),
            shutdown.clone(),
            self.runs_at_once,
        );
        let relay = Relay::new(self.sync.store.clone(), self.bus.clone());
        let connections =
            ConsumerSpec::new(CONSUMER, Stream::Signal, vec![subjects::all_connections()]);
        let handler = ConnectionChanged::new(self.sync.clone());
        let notifications = ConsumerSpec {
            batch: NOTIFICATIONS_AT_ONCE,
            ..ConsumerSpec::new(
                live::CONSUMER,
                Stream::Webhook,
                vec![subjects::all_webhooks()],
            )
        };
        let received = NotificationReceived::new(self.sync.clone());
        let dead = ConsumerSpec::new(
            live::READER_OF_DEAD,
            Stream::Dead,
            vec![subjects::all_dead()],
        );
        let given_up = NotificationGivenUp::new(self.sync.clone());
        let repairs = Repairs::new(self.sync.clone(), tasks.clone(), shutdown.clone());
        let eraser = Eraser::new(self.sync.store.clone(), self.sync.clock.clone(), HOLDINGS);
        // What runs leave in the outbox while they stop goes out as well: the relay ends last.
        let (relaying, relayed) = Shutdown::manual();
        tokio::join!(
            relay.run(relaying),
            keep_tidy(self.sync.store.clone(), shutdown.clone()),
            keep_live_tidy(self.sync.clone(), shutdown.clone()),
            keep_schedule(self.sync.clone(), shutdown.clone()),
            async {
                tokio::join!(
                    eraser.run(shutdown.clone()),
                    self.bus.consume(connections, handler, shutdown.clone()),
                    self.bus.consume(notifications, received, shutdown.clone()),
                    self.bus.consume(dead, given_up, shutdown),
                    repairs.work(),
                    worker.work()
                );
                tasks.drain(DRAIN).await;
                relayed.pull();
            },
        );
        Ok(())
    }
}
