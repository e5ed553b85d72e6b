use std::fmt;
use std::path::PathBuf;

/// What to start, where, and whom to tell about it.
pub struct StoresConfig {
    /// Folder for data, secrets, logs and pid files; created when missing.
    pub state_dir: PathBuf,
    pub postgres_port: u16,
    pub nats_port: u16,
    /// Used instead of a private Postgres.
    pub external_database_url: Option<String>,
    /// Used instead of a private nats-server.
    pub external_nats_url: Option<String>,
    pub durability: Durability,
    /// Called from the thread that owns the servers, before each step that takes time.
    pub progress: Box<dyn Fn(StoreProgress) + Send>,
}

impl fmt::Debug for StoresConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StoresConfig")
            .field("state_dir", &self.state_dir)
            .field("postgres_port", &self.postgres_port)
            .field("nats_port", &self.nats_port)
            .field("durability", &self.durability)
            .finish_non_exhaustive()
    }
}

/// How much survives a power failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Everything acknowledged is on disk.
    Durable,
    /// Data may be lost with the machine: for tests and measurements.
    Ephemeral,
}

/// A step under way, as a person would like to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreProgress {
    InstallingPostgres,
    FetchingNats { version: &'static str },
    InitializingPostgres { data: PathBuf },
    StoppingLeftover { store: &'static str, pid: i32 },
    Starting,
}

impl fmt::Display for StoreProgress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InstallingPostgres => {
                formatter.write_str("installing the distribution's Postgres package")
            }
            Self::FetchingNats { version } => write!(formatter, "fetching nats-server {version}"),
            Self::InitializingPostgres { data } => {
                write!(formatter, "initializing Postgres in {}", data.display())
            }
            Self::StoppingLeftover { store, pid } => {
                write!(
                    formatter,
                    "stopping {store} (process {pid}) of an earlier run"
                )
            }
            Self::Starting => formatter.write_str("starting the stores"),
        }
    }
}
