use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use harken_bus::{Bus, ConsumerSpec};
use harken_contracts::subjects::{self, Stream};
use harken_domain::Clock;
use harken_runtime::grpc::Services;
use harken_runtime::{ConfigError, ServiceChannel, ServiceIdentity, Shutdown, Tasks};
use harken_store::erasure::Eraser;
use harken_store::outbox::Relay;
use harken_store::{SchemaMigrations, Store};
use tokio::net::TcpListener;

use crate::Config;
use crate::app::{Edge, Parts};
use crate::inbound::events::connection_changed::{self, ConnectionClosedHandler};
use crate::inbound::grpc::EdgeRpc;
use crate::inbound::http::{Door, serve};
use crate::outbound::postgres::holdings::HOLDINGS;

/// What the edge stands on.
#[derive(Debug)]
pub struct Rails {
    /// Its tables, in the schema `ingress`: what the bus could not take yet.
    pub store: Store,
    /// Where notifications go.
    pub bus: Bus,
    /// What time it is.
    pub clock: Clock,
    /// Who runs its connections.
    pub tasks: Tasks,
    /// As whom it asks the vault.
    pub identity: ServiceIdentity,
}

/// Why the edge cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Its address is taken, or is none of this machine.
    #[error("{address}, wanted for notifications, cannot be listened on")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Why the edge stopped early: it does not.
#[derive(Debug, thiserror::Error)]
pub enum RunError {}

/// The edge, ready to run.
pub struct Service {
    config: Config,
    edge: Arc<Edge>,
    eraser: Eraser,
    relay: Relay,
    bus: Bus,
    tasks: Tasks,
    listener: TcpListener,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// The tables of the edge.
pub fn migrations() -> SchemaMigrations {
    SchemaMigrations {
        schema: "ingress",
        migrator: sqlx::migrate!("../../../migrations/ingress"),
    }
}

/// Takes the address for notifications; nothing is served before [`Service::run`].
pub async fn build(config: Config, rails: Rails) -> Result<Service, BuildError> {
    let Rails {
        store,
        bus,
        clock,
        tasks,
        identity,
    } = rails;
    let vault = ServiceChannel::connect_lazy(&config.vault_endpoint, identity)?;
    let address = config.listen;
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|source| BuildError::Listen { address, source })?;
    let eraser = Eraser::new(store.clone(), clock.clone(), HOLDINGS);
    let relay = Relay::new(store.clone(), bus.clone());
    let edge = Edge::new(Parts {
        clock,
        bus: bus.clone(),
        store,
        vault,
        tasks: tasks.clone(),
        public_url: config.public_url.clone(),
        patience: config.patience,
    });
    Ok(Service {
        config,
        edge: Arc::new(edge),
        eraser,
        relay,
        bus,
        tasks,
        listener,
    })
}

impl Service {
    /// What it answers over gRPC: `ingress.v1`.
    pub fn grpc(&self) -> Services {
        Services::new().add(EdgeRpc::server(Arc::clone(&self.edge)))
    }

    /// Where notifications are taken.
    pub fn http_address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Takes notifications until `shutdown` is requested, then lets what was begun end. The work behind the answers ends
    /// last: what waits to be written is written.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), RunError> {
        let Self {
            config,
            edge,
            eraser,
            relay,
            bus,
            tasks,
            listener,
        } = self;
        let door = Arc::new(Door::new(Arc::clone(&edge), config.connections));
        let (all_is_answered, answered) = Shutdown::manual();
        let serve = async {
            serve(listener, door, tasks, shutdown.clone(), config.linger).await;
            answered.pull();
        };
        let closed = ConsumerSpec::new(
            "ingress-connections",
            Stream::Signal,
            vec![subjects::all_connections()],
        );
        let forget = ConnectionClosedHandler(Arc::clone(&edge));
        tokio::join!(
            serve,
            edge.work(&all_is_answered),
            bus.consume(closed, forget, shutdown.clone()),
            eraser.run(shutdown.clone()),
            relay.run(shutdown.clone()),
            connection_changed::follow(&edge, &bus, &shutdown),
        );
        Ok(())
    }
}
