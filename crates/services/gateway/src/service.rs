use std::net::SocketAddr;

use harken_bus::Bus;
use harken_domain::Clock;
use harken_runtime::grpc::Services;
use harken_runtime::{
    CachedVerifier, ConfigError, RemoteVerifier, ServiceIdentity, Shutdown, Tasks,
};
use tokio::net::TcpListener;

use crate::Config;
use crate::app::{Activity, DeadLetters, Gateway, Live, Shared, SignInGuard};
use crate::inbound::grpc::DeadRpc;
use crate::inbound::{events, http};
use crate::outbound::Rooms;
use crate::rules::form_token::FormTokens;

/// What the gateway stands on.
#[derive(Debug)]
pub struct Rails {
    /// Where it hears of progress and scores.
    pub bus: Bus,
    /// Its time.
    pub clock: Clock,
    /// Who runs its connections.
    pub tasks: Tasks,
    /// As whom it asks the other services.
    pub identity: ServiceIdentity,
}

/// Why the gateway cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Its address is taken, or is none of this machine.
    #[error("{address}, wanted for the console, cannot be listened on")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Why the gateway stopped early: it does not.
#[derive(Debug, thiserror::Error)]
pub enum RunError {}

/// The gateway, ready to run.
#[derive(Debug)]
pub struct Service {
    config: Config,
    rails: Rails,
    rooms: Rooms,
    listener: TcpListener,
}

/// Takes the console's address; nothing is served before [`Service::run`].
pub async fn build(config: Config, rails: Rails) -> Result<Service, BuildError> {
    let rooms = Rooms::new(&config, &rails.identity)?;
    let address = config.http_listen;
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|source| BuildError::Listen { address, source })?;
    Ok(Service {
        config,
        rails,
        rooms,
        listener,
    })
}

impl Service {
    /// Where the console and the API are served.
    pub fn http_address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The rpcs that it answers: `dead.v1`.
    pub fn grpc(&self) -> Services {
        Services::new().add(DeadRpc::server(self.dead_letters()))
    }

    /// Serves until `shutdown` is requested, then lets what was begun end.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), RunError> {
        let dead_letters = self.dead_letters();
        let Rails {
            bus, clock, tasks, ..
        } = self.rails;
        let (live, activity) = (Live::new(), Activity::default());
        let gateway = Gateway::new(Shared {
            clock,
            keys: CachedVerifier::new(RemoteVerifier::new(self.rooms.vault())),
            rooms: self.rooms,
            form_tokens: FormTokens::under(self.config.form_secret.expose()),
            live: live.clone(),
            activity: activity.clone(),
            dead_letters,
            sign_in_guard: SignInGuard::default(),
            public_url: self.config.public_url,
            consent_origins: self.config.consent_origins,
            shutdown: shutdown.clone(),
        });
        let listeners = events::Listeners { live, activity };
        tasks.spawn(
            "live updates",
            events::follow(bus, listeners, shutdown.clone()),
        );
        http::serve(self.listener, http::router(gateway), tasks, shutdown).await;
        Ok(())
    }

    fn dead_letters(&self) -> DeadLetters {
        DeadLetters::new(self.rails.bus.clone(), self.rooms.clone())
    }
}
