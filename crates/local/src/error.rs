use std::io;
use std::path::{Path, PathBuf};

/// Why the stores could not be had. Each prints as one line: the cause, then the remedy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoresError {
    #[error(
        "port {port}, wanted for {store}, is taken by {holder}: stop it, or choose other ports with --port-base"
    )]
    PortTaken {
        store: &'static str,
        port: u16,
        holder: String,
    },

    #[error(
        "{} is in use by another run (process {owner}): stop that one, or choose another folder with --state-dir",
        dir.display()
    )]
    InUse { dir: PathBuf, owner: String },

    #[error("{store} was not found: {remedy}")]
    Missing { store: &'static str, remedy: String },

    #[error("could not fetch {what}: {reason}; check the network, or {remedy}")]
    Fetch {
        what: &'static str,
        reason: String,
        remedy: &'static str,
    },

    #[error(
        "{what} does not match its checksum (expected {expected}, got {found}): it was changed on its way and is not used"
    )]
    Checksum {
        what: String,
        expected: &'static str,
        found: String,
    },

    #[error("no room left on the disk that holds {}: free some and start again", path.display())]
    DiskFull { path: PathBuf },

    #[error(
        "the data in {} was written by Postgres {written}, and only {installed} is installed: install the package postgresql-{written}, or start afresh with another --state-dir",
        data.display()
    )]
    OtherMajor {
        data: PathBuf,
        written: u32,
        installed: String,
    },

    #[error(
        "{} belongs to another account: start as that account or as root, or choose another folder with --state-dir",
        path.display()
    )]
    NotOurs { path: PathBuf },

    #[error("{store} did not start: {reason}; its log is {}", log.display())]
    Failed {
        store: &'static str,
        reason: String,
        log: PathBuf,
    },

    #[error("{store} stopped by itself: {reason}; its log is {}", log.display())]
    Died {
        store: &'static str,
        reason: String,
        log: PathBuf,
    },

    #[error("could not {action} {}: {source}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },

    #[error("the start was given up")]
    GivenUp,
}

impl StoresError {
    /// Names what was tried on which path, and tells a full disk apart from other failures.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull {
                path: path.to_owned(),
            },
            _ => Self::Io {
                action,
                path: path.to_owned(),
                source,
            },
        }
    }

    /// A server's refusal to start, from what it wrote to its log.
    pub(crate) fn failed(store: &'static str, log: &Path, written: &str) -> Self {
        if written.contains("No space left on device") {
            return Self::DiskFull {
                path: log.to_owned(),
            };
        }
        Self::Failed {
            store,
            reason: telling_line(written),
            log: log.to_owned(),
        }
    }
}

/// The line that says most about a failure: the last that speaks of one, else the last.
pub(crate) fn telling_line(written: &str) -> String {
    let lines = || {
        written
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
    };
    let speaks_of_failure = |line: &&str| {
        ["FATAL", "PANIC", "[FTL]", "ERROR", "error:", "E:"]
            .iter()
            .any(|word| line.contains(word))
    };
    lines()
        .rfind(speaks_of_failure)
        .or_else(|| lines().next_back())
        .map_or_else(|| "it said nothing".to_owned(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_telling_line_is_the_last_that_speaks_of_failure() {
        let log =
            "LOG:  starting\nFATAL:  could not bind\nHINT:  is it running?\n\nLOG:  shut down\n";
        assert_eq!(telling_line(log), "FATAL:  could not bind");
        assert_eq!(telling_line("one\ntwo\n"), "two");
        assert_eq!(telling_line("\n"), "it said nothing");
    }

    #[test]
    fn a_full_disk_is_told_apart() {
        let full = StoresError::io("write", Path::new("/x"))(io::ErrorKind::StorageFull.into());
        assert!(matches!(full, StoresError::DiskFull { .. }), "{full}");
        let logged = StoresError::failed(
            "Postgres",
            Path::new("/x/log"),
            "FATAL: could not write: No space left on device",
        );
        assert!(matches!(logged, StoresError::DiskFull { .. }), "{logged}");
    }
}
