use std::env;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

const READY_WITHIN: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(3);

/// One service in a process of its own, as a container runs it.
#[derive(Debug)]
pub struct Service {
    name: &'static str,
    ports: Ports,
    environment: Vec<(String, String)>,
    log: PathBuf,
    child: Option<Child>,
}

/// Where one service listens on this machine.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// gRPC.
    pub grpc: u16,
    /// HTTP: Intercom's for the ingress, people's for the gateway.
    pub http: u16,
    /// Health and metrics.
    pub ops: u16,
}

impl Service {
    pub(super) fn new(
        name: &'static str,
        ports: Ports,
        environment: Vec<(String, String)>,
        folder: &Path,
    ) -> Self {
        Self {
            name,
            ports,
            environment,
            log: folder.join(format!("{name}.log")),
            child: None,
        }
    }

    /// Its subcommand.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Where it listens.
    pub const fn ports(&self) -> Ports {
        self.ports
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Starts its process and does not wait.
    pub fn launch(&mut self) -> Result<()> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let child = command(&[self.name])?
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} does not start", self.name))?;
        self.child = Some(child);
        Ok(())
    }

    /// Waits until it says that it is ready.
    pub async fn ready(&mut self) -> Result<()> {
        let since = Instant::now();
        while !self.is_ready().await {
            if let Some(status) = self.ended()? {
                bail!("{} ended with {status}:\n{}", self.name, self.log());
            }
            if since.elapsed() > READY_WITHIN {
                bail!("{} does not turn ready:\n{}", self.name, self.log());
            }
            sleep(POLL).await;
        }
        Ok(())
    }

    /// Whether it says that it is ready.
    pub async fn is_ready(&self) -> bool {
        timeout(PATIENCE, asks_whether_ready(self.ports.ops))
            .await
            .is_ok_and(|answer| answer.unwrap_or(false))
    }

    /// Kills it without a word.
    pub async fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    fn ended(&mut self) -> Result<Option<ExitStatus>> {
        let child = self.child.as_mut().context("it was not started")?;
        Ok(child.try_wait()?)
    }
}

/// The binary that was built beside this program, with no setting but those it needs to find programs.
pub(super) fn command(words: &[&str]) -> Result<Command> {
    let mut command = Command::new(beside_this_program("harken")?);
    command.args(words).env_clear();
    for kept in ["PATH", "HOME", "LLVM_PROFILE_FILE"] {
        if let Some(value) = env::var_os(kept) {
            command.env(kept, value);
        }
    }
    Ok(command)
}

/// A program that was built beside this one, by its package's name.
pub(crate) fn beside_this_program(name: &str) -> Result<PathBuf> {
    let ours = env::current_exe()?;
    let folder = ours.parent().and_then(Path::parent);
    let program = folder
        .context("this program lies in no target folder")?
        .join(name);
    ensure!(
        program.is_file(),
        "{} is not there: build it first with `cargo build --package {name}`",
        program.display()
    );
    Ok(program)
}

async fn asks_whether_ready(port: u16) -> Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream
        .write_all(b"GET /readyz HTTP/1.1\r\nhost: harken\r\nconnection: close\r\n\r\n")
        .await?;
    let mut said = [0; 12];
    stream.read_exact(&mut said).await?;
    Ok(said.ends_with(b" 200"))
}
