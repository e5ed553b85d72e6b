use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::Pid;

use crate::process::{StopLadder, descend};

/// A server that outlived the run which started it.
#[derive(Debug)]
pub(crate) struct Leftover {
    pub(crate) pid: i32,
    mark: String,
}

impl Leftover {
    /// Looks up the process whose id opens `pid_file`; it is ours only if its command line has `mark`.
    pub(crate) fn find(pid_file: &Path, mark: &Path) -> Option<Self> {
        let pid = pid_in(pid_file)?;
        let mark = mark.display().to_string();
        mentions(pid, &mark).then_some(Self { pid, mark })
    }

    pub(crate) fn stop(&self, ladder: StopLadder) {
        if let Some(pid) = Pid::from_raw(self.pid) {
            descend(pid, ladder, || !mentions(self.pid, &self.mark));
        }
    }
}

/// Whether the process named in `pid_file` lives but is somebody else's: its id was given out anew.
pub(crate) fn is_of_a_stranger(pid_file: &Path, mark: &Path) -> bool {
    pid_in(pid_file)
        .is_some_and(|pid| process(pid).exists() && !mentions(pid, &mark.display().to_string()))
}

fn pid_in(pid_file: &Path) -> Option<i32> {
    let text = fs::read_to_string(pid_file).ok()?;
    text.lines()
        .next()?
        .trim()
        .parse()
        .ok()
        .filter(|pid| *pid > 1)
}

/// A process that has ended but was not collected has an empty command line, and counts as gone.
fn mentions(pid: i32, mark: &str) -> bool {
    fs::read(process(pid).join("cmdline"))
        .is_ok_and(|line| String::from_utf8_lossy(&line).contains(mark))
}

fn process(pid: i32) -> PathBuf {
    Path::new("/proc").join(pid.to_string())
}
