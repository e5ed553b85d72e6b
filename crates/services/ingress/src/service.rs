use std::net::SocketAddr;

use harken_bus::Bus;
use harken_domain::Clock;
use harken_runtime::grpc::Services;
use harken_runtime::{ConfigError, ServiceChannel, ServiceIdentity, Shutdown, Tasks};
use harken_store::{SchemaMigrations, Store};
use tokio::net::TcpListener;

use crate::Config;
use crate::inbound::grpc::EdgeRpc;

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
#[derive(Debug)]
pub struct Service {
    config: Config,
    rails: Rails,
    vault: ServiceChannel,
    listener: TcpListener,
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
    let vault = ServiceChannel::connect_lazy(&config.vault_endpoint, rails.identity.clone())?;
    let address = config.listen;
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|source| BuildError::Listen { address, source })?;
    Ok(Service {
        config,
        rails,
        vault,
        listener,
    })
}

impl Service {
    /// What it answers over gRPC: `ingress.v1`.
    pub fn grpc(&self) -> Services {
        Services::new().add(EdgeRpc::server())
    }

    /// Where notifications are taken.
    pub fn http_address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Takes notifications until `shutdown` is requested, then lets what was begun end.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), RunError> {
        let Self {
            config: _,
            rails: _,
            vault: _,
            listener: _,
        } = self;
        shutdown.requested().await;
        Ok(())
    }
}
