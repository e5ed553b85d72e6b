use std::env;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::StoresError;
use crate::error::telling_line;

/// How often a condition we wait for is looked at.
pub(crate) const POLL: Duration = Duration::from_millis(20);

/// How long a server may take to turn ready; Postgres may have to recover first.
const READY_WITHIN: Duration = Duration::from_mins(2);

/// Ever ruder ways to ask a server to stop, each with the time it gets to comply.
pub(crate) type StopLadder = &'static [(Signal, Duration)];

/// A server we started.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) store: &'static str,
    child: Child,
    log: PathBuf,
    ladder: StopLadder,
}

impl Server {
    /// Starts `command` in a process group of its own, so that a Ctrl-C meant for us does not reach it.
    pub(crate) fn spawn(
        store: &'static str,
        mut command: Command,
        log: PathBuf,
        ladder: StopLadder,
    ) -> Result<Self, StoresError> {
        let output = fresh_log(&log)?;
        let errors = output.try_clone().map_err(StoresError::io("open", &log))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .current_dir("/")
            .process_group(0)
            .spawn()
            .map_err(StoresError::io("run", Path::new(command.get_program())))?;
        Ok(Self {
            store,
            child,
            log,
            ladder,
        })
    }

    /// Waits until `ready` says so of what was logged, or the server has ended, or its time is up.
    pub(crate) fn wait_until(
        &mut self,
        given_up: &dyn Fn() -> bool,
        ready: impl Fn(&str) -> bool,
    ) -> Result<(), StoresError> {
        let since = Instant::now();
        while !ready(&self.logged()) {
            if !self.is_running() {
                return Err(StoresError::failed(self.store, &self.log, &self.logged()));
            }
            if given_up() {
                return Err(StoresError::GivenUp);
            }
            if since.elapsed() > READY_WITHIN {
                return Err(StoresError::Failed {
                    store: self.store,
                    reason: format!("not ready after {} seconds", READY_WITHIN.as_secs()),
                    log: self.log.clone(),
                });
            }
            thread::sleep(POLL);
        }
        Ok(())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Why a server that should be running is not.
    pub(crate) fn death(&self) -> StoresError {
        StoresError::Died {
            store: self.store,
            reason: telling_line(&self.logged()),
            log: self.log.clone(),
        }
    }

    pub(crate) fn logged(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Goes down the ladder until the server has ended.
    pub(crate) fn stop(&mut self) {
        let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) else {
            return;
        };
        descend(pid, self.ladder, || !self.is_running());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Signals `pid` down the ladder until `gone`.
pub(crate) fn descend(pid: Pid, ladder: StopLadder, mut gone: impl FnMut() -> bool) {
    for (signal, patience) in ladder {
        if gone() {
            return;
        }
        let _ = kill_process(pid, *signal);
        let since = Instant::now();
        while !gone() && since.elapsed() < *patience {
            thread::sleep(POLL);
        }
    }
}

/// Each start begins its log anew; the one before it stays beside it.
fn fresh_log(path: &Path) -> Result<File, StoresError> {
    let _ = fs::rename(path, path.with_extension("log.1"));
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .map_err(StoresError::io("write", path))
}

/// The file that running `program` would run.
pub(crate) fn find_on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| is_executable(file))
}

pub(crate) fn is_executable(file: &Path) -> bool {
    file.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// The numbers of the version a program prints, `[15, 17]` for `postgres (PostgreSQL) 15.17`.
pub(crate) fn version_of(program: &Path) -> Option<Vec<u32>> {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

fn parse_version(printed: &str) -> Option<Vec<u32>> {
    printed.split_whitespace().find_map(|word| {
        let numbers: Vec<u32> = word
            .trim_start_matches('v')
            .split('.')
            .map_while(|part| {
                part.trim_end_matches(|c: char| !c.is_ascii_digit())
                    .parse()
                    .ok()
            })
            .collect();
        (!numbers.is_empty()).then_some(numbers)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_programs_print() {
        let of = |printed| parse_version(printed);
        assert_eq!(
            of("postgres (PostgreSQL) 15.17 (Debian 15.17-0+deb12u1)"),
            Some(vec![15, 17])
        );
        assert_eq!(of("nats-server: v2.15.1\n"), Some(vec![2, 15, 1]));
        assert_eq!(of("postgres (PostgreSQL) 19beta2"), None);
        assert_eq!(of("no numbers here"), None);
    }
}
