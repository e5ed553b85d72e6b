//! What the server really promises, read and told at start.

use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::stream::Info;
use serde::Deserialize;
use tokio::time::timeout;

use crate::Profile;

/// The oldest server whose `sync_interval: always` is affordable.
const OLDEST: (u32, u32) = (2, 15);
const FEWEST_REPLICAS: usize = 3;
/// Only a system account is answered; everybody else learns that in less.
const SYSTEM_ANSWER: Duration = Duration::from_millis(500);

/// A promise that the production profile needs and the server does not give.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The server is too old.
    #[error("nats-server {version} is too old: 2.15 or newer is needed")]
    Version {
        /// What it says it is.
        version: String,
    },
    /// A stream has too few copies.
    #[error("stream {stream} has {replicas} replicas: three or more are needed")]
    Replicas {
        /// The stream.
        stream: String,
        /// Its copies.
        replicas: usize,
    },
    /// The server acknowledges what it has not written.
    #[error("the server acknowledges before it has written: set `sync_interval: always`")]
    Sync,
}

/// When the server writes what it acknowledges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sync {
    Always,
    Later,
    /// It does not tell us.
    Unknown,
}

impl Sync {
    fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Later => "later",
            Self::Unknown => "unknown",
        }
    }
}

pub(crate) fn check_version(client: &Client, profile: Profile) -> Result<(), Broken> {
    let version = client.server_info().version;
    if profile == Profile::Production && !is_new_enough(&version) {
        return Err(Broken::Version { version });
    }
    Ok(())
}

fn is_new_enough(version: &str) -> bool {
    let mut numbers = version
        .split(['.', '-'])
        .map(|part| part.parse::<u32>().unwrap_or(0));
    let (major, minor) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    (major, minor) >= OLDEST
}

/// Logs and exports the promises; the production profile refuses too little.
pub(crate) async fn report(
    client: &Client,
    streams: &[Info],
    profile: Profile,
) -> Result<(), Broken> {
    let server = client.server_info();
    let sync = ask_sync(client).await;
    let replicas = streams
        .iter()
        .map(|info| info.config.num_replicas)
        .min()
        .unwrap_or(0);
    let max_bytes: i64 = streams.iter().map(|info| info.config.max_bytes).sum();
    tracing::info!(
        version = server.version,
        sync = sync.as_str(),
        replicas,
        max_payload_bytes = server.max_payload,
        streams_max_bytes = max_bytes,
        "bus promises"
    );
    metrics::gauge!(
        "harken_bus_promises",
        "version" => server.version,
        "sync" => sync.as_str(),
        "replicas" => replicas.to_string(),
    )
    .set(1.0);
    if profile == Profile::Local {
        return Ok(());
    }
    let few = streams
        .iter()
        .find(|info| info.config.num_replicas < FEWEST_REPLICAS);
    if let Some(info) = few {
        return Err(Broken::Replicas {
            stream: info.config.name.clone(),
            replicas: info.config.num_replicas,
        });
    }
    match sync {
        Sync::Always => Ok(()),
        Sync::Later => Err(Broken::Sync),
        Sync::Unknown => {
            tracing::warn!(
                "the server does not tell whether `sync_interval` is `always`; see to it"
            );
            Ok(())
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    config: Option<Store>,
}

#[derive(Deserialize)]
struct Store {
    #[serde(default)]
    sync_always: bool,
}

async fn ask_sync(client: &Client) -> Sync {
    let request = client.request("$SYS.REQ.SERVER.PING.JSZ", "{\"config\":true}".into());
    let Ok(Ok(message)) = timeout(SYSTEM_ANSWER, request).await else {
        return Sync::Unknown;
    };
    match serde_json::from_slice::<Answer>(&message.payload)
        .ok()
        .and_then(|answer| answer.data?.config)
    {
        Some(Store { sync_always: true }) => Sync::Always,
        Some(_) => Sync::Later,
        None => Sync::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        for version in ["2.15.0", "2.15.0-RC.1", "2.100.3", "3.0.0"] {
            assert!(is_new_enough(version), "{version}");
        }
        for version in ["2.9.25", "2.14.9", "1.99.0", "", "dev"] {
            assert!(!is_new_enough(version), "{version}");
        }
    }
}
