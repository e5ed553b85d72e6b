//! The connection to the server and what it takes to have one.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::ContextBuilder;
use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use harken_domain::{ConnectionId, Secret};
use tokio::time::{Instant, timeout};

use crate::names::Prefix;
use crate::promises::{self, Broken};
use crate::publish::STORE_WITHIN;
use crate::streams::{self, StreamError};

/// How long the first connection may take, all attempts together.
const FIRST_CONNECTION: Duration = Duration::from_secs(15);
const ONE_ATTEMPT: Duration = Duration::from_secs(3);
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(250);
/// How long the server may take to answer a request of ours.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// What a deployment promises its users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// One machine: one replica, limits scaled to what the server has.
    #[default]
    Local,
    /// Three replicas on a server that keeps its promises, or no start.
    Production,
}

/// Where the bus is and how to be let in.
#[derive(Clone, Debug)]
pub struct BusConfig {
    /// Such as `nats://nats:4222` or `nats://user:password@nats:4222`; several are separated by commas.
    pub url: String,
    /// A file with a user's JWT and key.
    pub credentials_file: Option<PathBuf>,
    /// A token, for servers that know no users.
    pub token: Option<Secret>,
    /// Stands before every stream and subject: empty in production, `t1234.` in a test.
    pub prefix: String,
    /// What the deployment promises.
    pub profile: Profile,
}

impl BusConfig {
    /// A bus at `url` that asks for no credentials, on one machine.
    pub fn local(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            credentials_file: None,
            token: None,
            prefix: String::new(),
            profile: Profile::Local,
        }
    }
}

/// Why there is no bus.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The credentials file cannot be used.
    #[error("credentials file cannot be used")]
    Credentials(#[source] std::io::Error),
    /// Nobody answers, or we are not let in.
    #[error("no NATS server can be reached")]
    Unreachable(#[source] async_nats::ConnectError),
    /// The server promises less than the production profile needs.
    #[error("the NATS server promises too little")]
    Promises(#[from] Broken),
    /// A stream cannot be made.
    #[error(transparent)]
    Stream(#[from] StreamError),
}

/// The bus. Clones share one connection, which is remade whenever it breaks.
#[derive(Clone, Debug)]
pub struct Bus {
    pub(crate) client: Client,
    pub(crate) jetstream: Context,
    pub(crate) prefix: Arc<Prefix>,
}

impl Bus {
    /// Connects, makes the streams exist, and logs what the server promises.
    pub async fn connect(config: BusConfig) -> Result<Self, ConnectError> {
        let prefix = Arc::new(Prefix(config.prefix.clone()));
        let client = first_connection(&config).await?;
        let jetstream = ContextBuilder::new()
            .timeout(ANSWER_WITHIN)
            .ack_timeout(STORE_WITHIN)
            .backpressure_on_inflight(true)
            .build(client.clone());
        promises::check_version(&client, config.profile)?;
        let kept = streams::ensure(&jetstream, &prefix, config.profile).await?;
        promises::report(&client, &kept, config.profile).await?;
        Ok(Self {
            client,
            jetstream,
            prefix,
        })
    }

    /// Whether the server answers; errs with the reason, for readiness.
    pub async fn ping(&self) -> Result<(), String> {
        if self.client.connection_state() != State::Connected {
            return Err("not connected".to_owned());
        }
        match timeout(ANSWER_WITHIN, self.client.flush()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(cause)) => Err(cause.to_string()),
            Err(_) => Err("no answer".to_owned()),
        }
    }

    /// Clears every message of a connection from every stream; answers how many went.
    pub async fn purge(&self, connection: ConnectionId) -> Result<u64, StreamError> {
        streams::purge(&self.jetstream, &self.prefix, connection).await
    }

    /// Removes the streams of a test. A bus without prefix is left alone.
    pub async fn remove_streams(&self) {
        if !self.prefix.is_empty() {
            streams::remove(&self.jetstream, &self.prefix).await;
        }
    }
}

async fn first_connection(config: &BusConfig) -> Result<Client, ConnectError> {
    let until = Instant::now() + FIRST_CONNECTION;
    let servers: Vec<&str> = config.url.split(',').map(str::trim).collect();
    loop {
        match options(config)?.connect(servers.as_slice()).await {
            Ok(client) => return Ok(client),
            Err(cause) if Instant::now() > until => return Err(ConnectError::Unreachable(cause)),
            Err(cause) => tracing::debug!(error = %cause, "NATS does not answer yet"),
        }
        tokio::time::sleep(BETWEEN_ATTEMPTS).await;
    }
}

fn options(config: &BusConfig) -> Result<ConnectOptions, ConnectError> {
    let mut options = ConnectOptions::new()
        .name("harken")
        .connection_timeout(ONE_ATTEMPT)
        .request_timeout(Some(ANSWER_WITHIN))
        .ping_interval(Duration::from_secs(10))
        .reconnect_delay_callback(reconnect_delay)
        .event_callback(|event| async move { tell(&event) });
    if let Some(path) = &config.credentials_file {
        let text = std::fs::read_to_string(path).map_err(ConnectError::Credentials)?;
        options = options
            .credentials(&text)
            .map_err(ConnectError::Credentials)?;
    }
    if let Some(token) = &config.token {
        options = options.token(token.expose().to_owned());
    }
    if let Some((user, password)) = credentials_in(&config.url) {
        options = options.user_and_password(user, password);
    }
    Ok(options)
}

/// The user and password in the first address: the client reads the host and the port alone.
fn credentials_in(url: &str) -> Option<(String, String)> {
    let first: ServerAddr = url.split(',').next()?.trim().parse().ok()?;
    Some((first.username()?.to_owned(), first.password()?.to_owned()))
}

fn reconnect_delay(attempt: usize) -> Duration {
    let steps = u32::try_from(attempt.min(10)).unwrap_or(10);
    Duration::from_millis(100) * steps
}

fn tell(event: &Event) {
    let connected = metrics::gauge!("harken_bus_connected");
    match event {
        Event::Connected => {
            connected.set(1.0);
            tracing::info!("bus connected");
        }
        Event::Disconnected | Event::Closed => {
            connected.set(0.0);
            tracing::warn!("bus disconnected");
        }
        other => tracing::debug!(event = %other, "bus event"),
    }
}
