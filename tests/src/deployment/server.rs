use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use harken_local::{Durability, Stores, StoresConfig};
use rustix::process::{Pid, Signal, kill_process};
use url::Url;

/// Which store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Postgres,
    Nats,
}

/// A store that can be killed, paused, stopped and started again with its data.
#[derive(Debug)]
pub struct Server {
    kind: Kind,
    folder: PathBuf,
    port: u16,
    url: String,
    running: Option<Stores>,
}

impl Server {
    /// Starts a private Postgres with its data in `folder`.
    pub(super) async fn postgres(folder: PathBuf, port: u16) -> Result<Self> {
        Self::open(Kind::Postgres, folder, port).await
    }

    /// Starts a private nats-server with its data in `folder`.
    pub(super) async fn nats(folder: PathBuf, port: u16) -> Result<Self> {
        Self::open(Kind::Nats, folder, port).await
    }

    async fn open(kind: Kind, folder: PathBuf, port: u16) -> Result<Self> {
        let mut server = Self {
            kind,
            folder,
            port,
            url: String::new(),
            running: None,
        };
        server.start().await?;
        Ok(server)
    }

    /// Its address, password included.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A client of a nats-server, past our rails.
    pub async fn nats_client(&self) -> Result<async_nats::Client> {
        let url = Url::parse(&self.url)?;
        let options = async_nats::ConnectOptions::new().user_and_password(
            url.username().to_owned(),
            url.password().unwrap_or_default().to_owned(),
        );
        let address = format!("127.0.0.1:{}", self.port);
        Ok(options.connect(address).await?)
    }

    /// Starts it again where it stopped; does nothing while it runs.
    pub async fn start(&mut self) -> Result<()> {
        if self.running.is_some() {
            return Ok(());
        }
        // Whichever store is not ours counts as external.
        let elsewhere = |kind| (self.kind != kind).then(|| "elsewhere".to_owned());
        let config = StoresConfig {
            state_dir: self.folder.clone(),
            postgres_port: self.port,
            nats_port: self.port,
            external_database_url: elsewhere(Kind::Postgres),
            external_nats_url: elsewhere(Kind::Nats),
            durability: Durability::Durable,
            progress: Box::new(|_| {}),
        };
        let stores = Stores::start(config)
            .await
            .with_context(|| format!("{:?} does not start", self.kind))?;
        let url = match self.kind {
            Kind::Postgres => stores.database_url(),
            Kind::Nats => stores.nats_url(),
        };
        url.clone_into(&mut self.url);
        self.running = Some(stores);
        Ok(())
    }

    /// Asks it to stop, and waits until it is gone.
    pub async fn stop(&mut self) {
        if let Some(mut stores) = self.running.take() {
            stores.stop().await;
        }
    }

    /// Kills it without a word.
    pub async fn kill(&mut self) -> Result<()> {
        self.signal(Signal::KILL)?;
        self.stop().await;
        Ok(())
    }

    /// Lets it hang: it keeps its connections and answers nothing.
    pub fn pause(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets it go on.
    pub fn resume(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        kill_process(self.pid()?, signal).context("the store cannot be signalled")
    }

    fn pid(&self) -> Result<Pid> {
        let file = match self.kind {
            Kind::Postgres => self.postgres_home().join("data/postmaster.pid"),
            Kind::Nats => self.folder.join("nats/pid"),
        };
        let text =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        text.lines()
            .next()
            .and_then(|line| line.trim().parse().ok())
            .and_then(Pid::from_raw)
            .context("the store's pid file names no process")
    }

    /// In the folder, or where a note there says.
    fn postgres_home(&self) -> PathBuf {
        let noted = fs::read_to_string(self.folder.join("postgres.elsewhere"));
        noted.map_or_else(
            |_| self.folder.join("postgres"),
            |noted| Path::new(noted.trim()).to_owned(),
        )
    }
}
