use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::nats::Nats;
use crate::postgres::Postgres;
use crate::process::Server;
use crate::state_dir::StateDir;
use crate::{StoreProgress, StoresConfig, StoresError};

/// How often the servers' health is looked at.
const WATCH: Duration = Duration::from_millis(250);

/// Where the stores answer, with the credentials they ask for, and the folders that hold their data.
#[derive(Debug)]
pub(crate) struct Addresses {
    pub(crate) database_url: String,
    pub(crate) nats_url: String,
    pub(crate) folders: Vec<PathBuf>,
}

/// The life of the thread that owns the servers: start, watch, and stop once `stop` closes.
///
/// The kernel ends the servers when the thread that started them ends, so all of it happens on one.
pub(crate) fn keep(
    config: &StoresConfig,
    started: oneshot::Sender<Result<Addresses, StoresError>>,
    stop: &Receiver<()>,
    deaths: &mpsc::Sender<StoresError>,
) {
    let mut running = match start(config, &|| started.is_closed()) {
        Ok(running) => running,
        Err(refusal) => {
            let _ = started.send(Err(refusal));
            return;
        }
    };
    if started.send(Ok(running.addresses)).is_err() {
        return;
    }
    while stop.recv_timeout(WATCH) == Err(RecvTimeoutError::Timeout) {
        running.servers.retain_mut(|server| {
            let lives = server.is_running();
            if !lives {
                let _ = deaths.try_send(server.death());
            }
            lives
        });
    }
}

/// Dropped from the top: the servers end before the folder's lock is given back.
struct Running {
    addresses: Addresses,
    servers: Vec<Server>,
    _state: StateDir,
}

fn start(config: &StoresConfig, given_up: &dyn Fn() -> bool) -> Result<Running, StoresError> {
    let state = StateDir::open(&config.state_dir)?;
    let (mut nats, mut postgres) = (None, None);
    if config.external_nats_url.is_none() {
        nats = Some(Nats::prepare(&state, config)?);
    }
    if config.external_database_url.is_none() {
        postgres = Some(Postgres::prepare(&state, config)?);
    }
    (config.progress)(StoreProgress::Starting);
    let mut servers = Vec::new();
    if let Some(nats) = &nats {
        servers.push(nats.start(given_up)?);
    }
    if let Some(postgres) = &postgres {
        servers.push(postgres.start(given_up)?);
    }
    let external = |url: &Option<String>| url.clone().unwrap_or_default();
    let addresses = Addresses {
        nats_url: nats.map_or_else(|| external(&config.external_nats_url), |nats| nats.url()),
        database_url: postgres
            .as_ref()
            .map_or_else(|| external(&config.external_database_url), Postgres::url),
        folders: [state.path()]
            .into_iter()
            .chain(postgres.as_ref().map(Postgres::folder))
            .map(Path::to_owned)
            .collect(),
    };
    Ok(Running {
        addresses,
        servers,
        _state: state,
    })
}
