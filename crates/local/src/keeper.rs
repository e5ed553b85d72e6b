use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::nats::Nats;
use crate::postgres::Postgres;
use crate::process::Server;
use crate::state_dir::StateDir;
use crate::{StoresConfig, StoresError};

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
    let mut addresses = Addresses {
        database_url: config.external_database_url.clone().unwrap_or_default(),
        nats_url: config.external_nats_url.clone().unwrap_or_default(),
        folders: vec![state.path().to_owned()],
    };
    let mut servers = Vec::new();
    if config.external_nats_url.is_none() {
        let nats = Nats::prepare(&state, config)?;
        servers.push(nats.start(given_up)?);
        addresses.nats_url = nats.url();
    }
    if config.external_database_url.is_none() {
        let postgres = Postgres::prepare(&state, config)?;
        servers.push(postgres.start(given_up)?);
        addresses.database_url = postgres.url();
        addresses.folders.push(postgres.folder().to_owned());
    }
    Ok(Running {
        addresses,
        servers,
        _state: state,
    })
}
