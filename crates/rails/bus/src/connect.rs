//! The connection to the server and what it takes to have one.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_nats::Client;
use async_nats::connection::State;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::ContextBuilder;
use harken_contracts::subjects::Stream;
use harken_domain::{ConnectionId, Secret};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::client;
use crate::names::Prefix;
use crate::promises::{self, Broken};
use crate::publish::STORE_WITHIN;
use crate::streams::{self, StreamError};

/// How long the server may take to answer a request of ours.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Shorter than a readiness check may take.
const PING_WITHIN: Duration = Duration::from_millis(1500);
/// How long what was sent may take to leave at the end.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

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
    /// Nobody answers.
    #[error("no NATS server can be reached")]
    Unreachable(#[source] async_nats::ConnectError),
    /// The server does not let us in.
    #[error("the NATS server does not let us in; see to the user, token or credentials file")]
    Refused(#[source] async_nats::ConnectError),
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
    /// Counts connections: what was asked on an earlier one will not be answered.
    pub(crate) connections: watch::Receiver<u64>,
}

impl Bus {
    /// Connects, makes the streams exist, and logs what the server promises.
    pub async fn connect(config: BusConfig) -> Result<Self, ConnectError> {
        let prefix = Arc::new(Prefix(config.prefix.clone()));
        let (client, connections) = client::connect(&config).await?;
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
            connections,
        })
    }

    /// Whether JetStream answers; errs with the reason, for readiness.
    pub async fn ping(&self) -> Result<(), String> {
        if self.client.connection_state() != State::Connected {
            return Err("not connected".to_owned());
        }
        match timeout(PING_WITHIN, self.jetstream.query_account()).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(cause)) => Err(cause.to_string()),
            Err(_) => Err("no answer".to_owned()),
        }
    }

    /// Ends the connection once what was sent has left. Nothing can be asked afterwards, by any clone.
    pub async fn close(&self) {
        let mut connections = self.connections.clone();
        // They are counted for as long as the client lives.
        let ended = async { while connections.changed().await.is_ok() {} };
        if self.client.drain().await.is_ok() {
            let _ = timeout(CLOSE_WITHIN, ended).await;
        }
    }

    /// How many messages of a connection each stream holds.
    pub async fn held(&self, connection: ConnectionId) -> Result<Vec<(Stream, u64)>, StreamError> {
        streams::held(&self.jetstream, &self.prefix, connection).await
    }

    /// Clears every message of a connection from every stream; answers how many went from each. What is told of the
    /// connection itself goes last. Cleared while a reader has it in hand, a message just does not come again.
    pub async fn purge(&self, connection: ConnectionId) -> Result<Vec<(Stream, u64)>, StreamError> {
        streams::purge(&self.jetstream, &self.prefix, connection).await
    }

    /// Removes the streams of a test. A bus without prefix is left alone.
    pub async fn remove_streams(&self) {
        if !self.prefix.is_empty() {
            streams::remove(&self.jetstream, &self.prefix).await;
        }
    }
}
