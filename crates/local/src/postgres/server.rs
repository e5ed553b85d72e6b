use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::binaries::Binaries;
use super::cluster::{self, NAME};
use super::home::Home;
use crate::leftover::{Leftover, is_of_a_stranger};
use crate::process::{Server, StopLadder};
use crate::state_dir::StateDir;
use crate::{Durability, StoreProgress, StoresConfig, StoresError, account, port};

const STORE: &str = "Postgres";

/// Fast shutdown, immediate shutdown, then the knife.
const LADDER: StopLadder = &[
    (Signal::INT, Duration::from_secs(20)),
    (Signal::QUIT, Duration::from_secs(5)),
    (Signal::KILL, Duration::from_secs(5)),
];

/// How long backends of a server that was killed may hold on to its shared memory.
const ORPHANS_LEAVE_WITHIN: Duration = Duration::from_secs(10);

/// A Postgres ready to be started: initialized, its port free, nothing left of an earlier run.
#[derive(Debug)]
pub(crate) struct Postgres {
    binaries: Binaries,
    home: Home,
    port: u16,
    password: String,
    durability: Durability,
    log: PathBuf,
}

impl Postgres {
    pub(crate) fn prepare(state: &StateDir, config: &StoresConfig) -> Result<Self, StoresError> {
        // First, as the distribution's package brings the account that the home goes to.
        let installed = Binaries::obtain(&config.progress)?;
        let home = Home::settle(state)?;
        let (data, log) = (home.data(), state.join("postgres.log"));
        let written = cluster::written_by(&home);
        let binaries = Binaries::choose(installed, written, &data)?;
        let password = cluster::password(&home)?;
        stop_leftover(&data, &config.progress);
        let port = config.postgres_port;
        port::require_free(STORE, port)?;
        if written.is_none() {
            (config.progress)(StoreProgress::InitializingPostgres { data });
            cluster::initialize(&binaries, &home, config.durability, &log)?;
        }
        Ok(Self {
            binaries,
            home,
            port,
            password,
            durability: config.durability,
            log,
        })
    }

    pub(crate) fn start(&self, given_up: &dyn Fn() -> bool) -> Result<Server, StoresError> {
        let since = Instant::now();
        loop {
            let mut server = self.spawn()?;
            let pid = server.pid();
            match server.wait_until(given_up, |_| self.is_ready(pid)) {
                Ok(()) => return Ok(server),
                Err(_)
                    if server.logged().contains("pre-existing shared memory block")
                        && since.elapsed() < ORPHANS_LEAVE_WITHIN => {}
                Err(refusal) => return Err(refusal),
            }
        }
    }

    pub(crate) fn url(&self) -> String {
        format!(
            "postgres://{NAME}:{}@127.0.0.1:{}/{NAME}",
            self.password, self.port
        )
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.home.folder
    }

    fn spawn(&self) -> Result<Server, StoresError> {
        let program = self.binaries.program("postgres");
        let mut command = account::command(self.home.account, Some("INT"), program);
        command
            .arg("-D")
            .arg(self.home.data())
            .arg("-p")
            .arg(self.port.to_string());
        for setting in settings(self.durability) {
            command.args(["-c", setting]);
        }
        Server::spawn(STORE, command, self.log.clone(), LADDER)
    }

    /// The server's own pid file says whose it is, and in its eighth line how far that one is.
    fn is_ready(&self, pid: u32) -> bool {
        let text = fs::read_to_string(pid_file(&self.home.data())).unwrap_or_default();
        let line = |number| text.lines().nth(number).map(str::trim);
        line(0) == Some(pid.to_string().as_str()) && line(7) == Some("ready")
    }
}

fn settings(durability: Durability) -> Vec<&'static str> {
    let mut settings = vec![
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=300",
        "logging_collector=off",
        "log_timezone=UTC",
        "timezone=UTC",
        "jit=off",
        // Taken from the machine only as far as there is data to hold.
        "shared_buffers=512MB",
        "max_wal_size=2GB",
    ];
    if durability == Durability::Ephemeral {
        settings.extend([
            "fsync=off",
            "full_page_writes=off",
            "synchronous_commit=off",
            "wal_level=minimal",
            "max_wal_senders=0",
        ]);
    }
    settings
}

fn pid_file(data: &Path) -> PathBuf {
    data.join("postmaster.pid")
}

fn stop_leftover(data: &Path, progress: &dyn Fn(StoreProgress)) {
    let pid_file = pid_file(data);
    if let Some(leftover) = Leftover::find(&pid_file, data) {
        progress(StoreProgress::StoppingLeftover {
            store: STORE,
            pid: leftover.pid,
        });
        leftover.stop(LADDER);
    } else if is_of_a_stranger(&pid_file, data) {
        // Postgres would take the stranger for its predecessor and refuse to start.
        let _ = fs::remove_file(&pid_file);
    }
}
