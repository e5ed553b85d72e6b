mod leftover;
mod subscription;
mod workspace;

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use harken_local::require_free;
use rustix::process::{Pid, Signal, kill_process};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use workspace::Workspace;

use super::ports::{Ports, loopback, url};
use super::state_dir::{StateDir, write_private};
use crate::cli::UpArgs;
use crate::failure::Failure;

const PROGRAM: &str = "harken-simulator";
/// The app that the simulator knows, and its secret: both play.
pub(super) const CLIENT_ID: &str = "harken-local";
pub(super) const CLIENT_SECRET: &str = "a-secret-of-the-simulator";

const READY_WITHIN: Duration = Duration::from_secs(20);
const STOPPED_WITHIN: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(20);

/// The simulated Intercom, a process of its own.
#[derive(Debug)]
pub(super) struct Simulator {
    child: Child,
    log: PathBuf,
    pid_file: PathBuf,
}

impl Simulator {
    /// Starts it and waits until it listens. Call from the thread that lives longest: its end is the simulator's.
    pub(super) async fn start(
        args: &UpArgs,
        state: &StateDir,
        ports: Ports,
    ) -> Result<Self, Failure> {
        let program = beside_us()?;
        let folder = state.private_folder("simulator")?;
        let workspace = Workspace::kept(&folder.join("workspace.json"), args)?;
        let pid_file = folder.join("pid");
        leftover::stop(&pid_file, &folder).await;
        require_free("the simulator", ports.simulator)
            .map_err(|taken| Failure::other(taken.to_string()))?;
        let log = state.fresh_log("simulator")?;
        let output = append(&log)?;
        let errors = append(&log)?;
        let child = command(&program)
            .args(workspace.flags())
            .args(
                args.rate_per_minute
                    .iter()
                    .flat_map(|rate| ["--rate-per-minute".to_owned(), rate.to_string()]),
            )
            .arg("--story-per-minute")
            .arg(args.story_per_minute.to_string())
            .arg("--listen")
            .arg(loopback(ports.simulator).to_string())
            .args(["--client-id", CLIENT_ID, "--client-secret", CLIENT_SECRET])
            .arg("--redirect-uri")
            .arg(format!("{}/oauth/intercom/callback", url(ports.console)))
            .arg("--state-dir")
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|cause| Failure::file("run", &program, &cause))?;
        if let Some(pid) = child.id() {
            write_private(&pid_file, &pid.to_string())?;
        }
        let mut simulator = Self {
            child,
            log,
            pid_file,
        };
        simulator.listening(ports.simulator).await?;
        Ok(simulator)
    }

    async fn listening(&mut self, port: u16) -> Result<(), Failure> {
        let listens = async {
            while TcpStream::connect(loopback(port)).await.is_err() {
                sleep(POLL).await;
            }
        };
        let patience = async {
            let _ = timeout(READY_WITHIN, listens).await;
        };
        tokio::select! {
            () = patience => {}
            death = self.died() => return Err(death),
        }
        if TcpStream::connect(loopback(port)).await.is_ok() {
            return Ok(());
        }
        let secs = READY_WITHIN.as_secs();
        Err(Failure::other(format!(
            "the simulator was not ready after {secs} seconds; its log is {}",
            self.log.display()
        )))
    }

    /// Has it tell the edge what happens, now that there is one to answer.
    pub(super) async fn subscribe(&self, ports: Ports) -> Result<(), Failure> {
        subscription::set(ports).await.map_err(|cause| {
            Failure::other(format!(
                "the simulator does not send notifications: {cause}; its log is {}",
                self.log.display()
            ))
        })
    }

    /// Resolves when it has ended by itself.
    pub(super) async fn died(&mut self) -> Failure {
        let ended = self.child.wait().await;
        let how = ended.map_or_else(|cause| cause.to_string(), |status| status.to_string());
        let written = fs::read_to_string(&self.log).unwrap_or_default();
        // What it says in JSON is no complaint.
        let complaint = written
            .lines()
            .map(str::trim)
            .rfind(|line| !line.is_empty() && !line.starts_with('{'));
        Failure::other(format!(
            "the simulator stopped by itself: {}; its log is {}",
            complaint.unwrap_or(&how),
            self.log.display()
        ))
    }

    /// Asks it to stop and waits until it has.
    pub(super) async fn stop(mut self) {
        if let Some(pid) = self
            .child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw)
        {
            let _ = kill_process(pid, Signal::TERM);
        }
        if timeout(STOPPED_WITHIN, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
        let _ = fs::remove_file(&self.pid_file);
    }
}

fn beside_us() -> Result<PathBuf, Failure> {
    let ours = env::current_exe()
        .map_err(|cause| Failure::file("find", Path::new("/proc/self/exe"), &cause))?;
    let program = ours.with_file_name(PROGRAM);
    if program.is_file() {
        return Ok(program);
    }
    Err(Failure::other(format!(
        "{} does not exist; build it with `cargo build --package {PROGRAM}`, or use the real Intercom by setting \
         HARKEN_INTERCOM_CLIENT_ID and HARKEN_INTERCOM_CLIENT_SECRET",
        program.display()
    )))
}

/// Where the system can, the simulator is told to stop when we end, however we end.
fn command(program: &Path) -> Command {
    let setpriv = env::var_os("PATH").and_then(|path| {
        env::split_paths(&path)
            .map(|folder| folder.join("setpriv"))
            .find(|file| file.is_file())
    });
    let Some(setpriv) = setpriv else {
        return Command::new(program);
    };
    let mut command = Command::new(setpriv);
    command.args(["--pdeathsig", "TERM", "--"]).arg(program);
    command
}

fn append(log: &Path) -> Result<File, Failure> {
    let opened = File::options().create(true).append(true).open(log);
    opened.map_err(|cause| Failure::file("write", log, &cause))
}
