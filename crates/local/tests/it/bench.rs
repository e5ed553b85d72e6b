//! A workbench of its own for each test: a folder, and `harken-stores` run from it.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(90);

/// A folder any account may enter, gone with the test.
pub(crate) struct Bench {
    folder: PathBuf,
}

impl Bench {
    pub(crate) fn set_up() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("harken-local-{}-{count}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.path("state")
    }

    /// `harken-stores` with our state folder, ready to be told what to run.
    pub(crate) fn stores(&self) -> Command {
        stores_at(&self.state())
    }
}

pub(crate) fn stores_at(state: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_harken-stores"));
    command.arg("--state-dir").arg(state).stdin(Stdio::null());
    command
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Runs `script` in a shell that has the stores; it must succeed.
pub(crate) fn borrow(mut stores: Command, script: &str) -> String {
    stores
        .args(["--", "sh", "-ec", script])
        .stdout(Stdio::piped());
    let output = stores.spawn().unwrap().wait_with_output().unwrap();
    assert!(output.status.success(), "{script}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Runs a command that must fail with `code`, and returns the one line it says last.
pub(crate) fn refusal(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    said.lines().last().unwrap_or_default().to_owned()
}

/// A borrower that says it runs by creating `sign`, then waits for its end.
pub(crate) fn lingering(mut stores: Command, script: &str, sign: &Path) -> Lender {
    let script = format!("{script}\ntouch '{}'\nexec sleep 600", sign.display());
    let lender = stores
        .args(["--", "sh", "-ec", &script])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lender = Lender(lender);
    until("the borrower runs", || sign.exists());
    lender
}

/// A running `harken-stores`; killed without warning when dropped.
pub(crate) struct Lender(pub(crate) Child);

impl Lender {
    pub(crate) fn kill(&mut self) {
        // Its borrower would live on.
        for borrower in children_of(self.0.id()).filter(|pid| names(*pid, "sleep")) {
            signal("KILL", borrower);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Lender {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(crate) fn signal(name: &str, pid: u32) {
    Command::new("sh")
        .arg("-c")
        .arg(format!("kill -{name} {pid}"))
        .status()
        .unwrap();
}

pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < PATIENCE, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Ids of the processes whose command line has `mark`.
pub(crate) fn processes_mentioning(mark: &Path) -> Vec<u32> {
    pids()
        .filter(|pid| cmdline(*pid).contains(&mark.display().to_string()))
        .collect()
}

fn children_of(parent: u32) -> impl Iterator<Item = u32> {
    let line = format!("PPid:\t{parent}");
    pids().filter(move |pid| {
        fs::read_to_string(format!("/proc/{pid}/status"))
            .is_ok_and(|status| status.lines().any(|found| found == line))
    })
}

fn pids() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn names(pid: u32, program: &str) -> bool {
    cmdline(pid).starts_with(program)
}

fn cmdline(pid: u32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ")
}

pub(crate) fn we_are_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

pub(crate) fn on_path(program: impl AsRef<OsStr>) -> PathBuf {
    let path = env::var_os("PATH").unwrap();
    env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/sbin")])
        .map(|folder| folder.join(program.as_ref()))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("{} is not on PATH", program.as_ref().display()))
}
