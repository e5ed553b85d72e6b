use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::patience::{LONG, eventually};
use crate::ports::free_base;
use crate::processes::{self, Process};

/// A whole deployment on this machine: the real binary with a state folder and ports of its own.
pub(crate) struct House {
    folder: TempDir,
    base: u16,
    flags: Vec<String>,
    environment: Vec<(String, String)>,
    running: Option<Running>,
    ready: Ready,
}

struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

/// What the `ready` line says.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Ready {
    pub(crate) console: String,
    pub(crate) grpc: String,
    pub(crate) ingress: String,
    pub(crate) sign_in: String,
    pub(crate) simulator: Option<String>,
    pub(crate) ops: String,
}

impl House {
    /// Starts one with more flags of `harken up`, and waits until it is ready.
    pub(crate) async fn open(flags: &[&str]) -> Self {
        Self::open_with(flags, &[]).await
    }

    /// As [`House::open`], with settings in its environment besides.
    pub(crate) async fn open_with(flags: &[&str], environment: &[(&str, &str)]) -> Self {
        let environment = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let folder = tempfile::Builder::new()
            .prefix("harken-house-")
            .permissions(Permissions::from_mode(0o755))
            .tempdir();
        let mut house = Self {
            folder: folder.unwrap(),
            base: free_base(),
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            environment: environment.collect(),
            running: None,
            ready: Ready::default(),
        };
        house.start().await;
        house
    }

    /// Starts it again where it stopped.
    pub(crate) async fn start(&mut self) {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder().join("stderr.log"))
            .unwrap();
        // What is compared with the truth must not move, unless a story asks for it.
        let is_told = self.flags.iter().any(|flag| flag == "--story-per-minute");
        let still: &[&str] = if is_told {
            &[]
        } else {
            &["--story-per-minute", "0"]
        };
        let mut child = self
            .command(&["up", "--json", "--port-base", &self.base.to_string()])
            .args(still)
            .args(&self.flags)
            .envs(self.environment.clone())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut running = Running { child, lines };
        let ready = running.event("ready").await;
        self.running = Some(running);
        let ready =
            ready.unwrap_or_else(|| panic!("harken up did not turn ready:\n{}", self.log()));
        self.ready = serde_json::from_value(ready).unwrap();
    }

    /// The binary, in the house's folder and with no setting but those it needs to find programs.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(words).current_dir(self.folder()).env_clear();
        for kept in ["PATH", "HOME", "LLVM_PROFILE_FILE"] {
            if let Some(value) = env::var_os(kept) {
                command.env(kept, value);
            }
        }
        command
    }

    pub(crate) const fn ready(&self) -> &Ready {
        &self.ready
    }

    pub(crate) const fn base(&self) -> u16 {
        self.base
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The address of its Postgres, password included.
    pub(crate) fn database_url(&self) -> String {
        let stores = self.folder().join(".harken/stores");
        // Where its account cannot enter our folder, Postgres lives elsewhere, and a note says where.
        let home = fs::read_to_string(stores.join("postgres.elsewhere")).map_or_else(
            |_| stores.join("postgres"),
            |noted| PathBuf::from(noted.trim()),
        );
        let password = fs::read_to_string(home.join("password")).unwrap();
        let port = self.base + 4;
        format!(
            "postgres://harken:{}@127.0.0.1:{port}/harken",
            password.trim()
        )
    }

    /// Everything it logged so far, and said on standard error.
    pub(crate) fn log(&self) -> String {
        let mut log = fs::read_to_string(self.folder().join("stderr.log")).unwrap_or_default();
        let kept = fs::read_dir(self.folder().join(".harken/logs"));
        for file in kept.into_iter().flatten().flatten() {
            log += &fs::read_to_string(file.path()).unwrap_or_default();
        }
        log
    }

    /// The process and all that came from it.
    pub(crate) fn family(&self) -> BTreeSet<Process> {
        processes::family(self.pid())
    }

    /// Sends a signal to the process alone, not to what it started.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.pid()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Asks it to stop, and waits until neither it nor anything it started is left.
    pub(crate) async fn stop(&mut self) {
        self.stop_by(Signal::TERM).await;
    }

    pub(crate) async fn stop_by(&mut self, signal: Signal) {
        let family = self.family();
        self.signal(signal);
        let mut running = self.running.take().unwrap();
        assert!(running.event("stopped").await.is_some(), "{}", self.log());
        let status = timeout(LONG, running.child.wait()).await.unwrap().unwrap();
        assert!(status.success(), "{status}\n{}", self.log());
        assert_eq!(processes::living(&family), Vec::<String>::new());
    }

    /// Kills it without a word, and waits until what it started has noticed.
    pub(crate) async fn kill(&mut self) {
        let family = self.family();
        self.signal(Signal::KILL);
        let mut running = self.running.take().unwrap();
        running.child.wait().await.unwrap();
        let nobody = || async { processes::living(&family).is_empty().then_some(()) };
        eventually("the children of a killed harken are gone", nobody).await;
    }

    fn pid(&self) -> u32 {
        self.running
            .as_ref()
            .and_then(|running| running.child.id())
            .expect("the house is open")
    }
}

impl Running {
    /// Waits for a line of this kind; none if the output ends before.
    async fn event(&mut self, kind: &str) -> Option<serde_json::Value> {
        let found = async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                let event: serde_json::Value = serde_json::from_str(&line).unwrap();
                if event["event"] == kind {
                    return Some(event);
                }
            }
            None
        };
        timeout(LONG, found)
            .await
            .unwrap_or_else(|_| panic!("no `{kind}` within {} s", LONG.as_secs()))
    }
}

/// The binary that was built beside this test.
pub(crate) fn binary() -> PathBuf {
    let ours = env::current_exe().unwrap();
    let folder = ours.parent().and_then(Path::parent).unwrap();
    for program in ["harken", "harken-simulator"] {
        let there = folder.join(program);
        assert!(
            there.is_file(),
            "{} is not there: build it first with `cargo build --package harken --package harken-simulator`",
            there.display()
        );
    }
    folder.join("harken")
}
