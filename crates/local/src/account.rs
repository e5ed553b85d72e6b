use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::StoresError;
use crate::process::find_on_path;

/// An account of this machine that a server runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

const ROOT: u32 = 0;

impl Account {
    /// Whoever this process runs as.
    pub(crate) fn current() -> Result<Self, StoresError> {
        let own = Path::new("/proc/self");
        Self::owning(own).map_err(StoresError::io("read", own))
    }

    pub(crate) fn owning(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self {
            uid: metadata.uid(),
            gid: metadata.gid(),
        })
    }

    pub(crate) fn is_root(self) -> bool {
        self.uid == ROOT
    }

    /// The account that Postgres runs as when we are root: `postgres`, else `nobody`.
    pub(crate) fn for_postgres() -> Result<Self, StoresError> {
        let path = Path::new("/etc/passwd");
        let passwd = fs::read_to_string(path).map_err(StoresError::io("read", path))?;
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| in_passwd(&passwd, name))
            .ok_or_else(|| StoresError::Missing {
                store: "an account for Postgres",
                remedy: "Postgres refuses to run as root; add a user named postgres".to_owned(),
            })
    }

    pub(crate) fn give(self, path: &Path) -> Result<(), StoresError> {
        chown(path, Some(self.uid), Some(self.gid))
            .map_err(StoresError::io("change the owner of", path))
    }

    /// Whether this account can reach and write `dir`: asked of the system, by trying.
    pub(crate) fn can_write(self, dir: &Path) -> bool {
        command(Some(self), None, "test")
            .arg("-w")
            .arg(dir)
            .stdin(Stdio::null())
            .current_dir("/")
            .status()
            .is_ok_and(|status| status.success())
    }
}

/// A command that runs as `account` and is sent `death_signal` when the thread that spawned it ends.
pub(crate) fn command(
    account: Option<Account>,
    death_signal: Option<&str>,
    program: impl AsRef<OsStr>,
) -> Command {
    let Some(setpriv) = find_on_path("setpriv") else {
        return as_account(Command::new(program), account);
    };
    if account.is_none() && death_signal.is_none() {
        return Command::new(program);
    }
    let mut command = Command::new(setpriv);
    if let Some(Account { uid, gid }) = account {
        command
            .arg(format!("--reuid={uid}"))
            .arg(format!("--regid={gid}"))
            .arg("--clear-groups");
    }
    if let Some(signal) = death_signal {
        command.arg(format!("--pdeathsig={signal}"));
    }
    command.arg("--").arg(program);
    command
}

/// Without setpriv: the account alone. The next start stops what an owner's sudden death leaves.
fn as_account(mut command: Command, account: Option<Account>) -> Command {
    use std::os::unix::process::CommandExt;

    if let Some(Account { uid, gid }) = account {
        command.uid(uid).gid(gid);
    }
    command
}

fn in_passwd(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let mut ids = fields.skip(1).map(str::parse);
        Some(Account {
            uid: ids.next()?.ok()?,
            gid: ids.next()?.ok()?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read_from_its_line() {
        let passwd =
            "root:x:0:0:root:/root:/bin/sh\npostgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(
            in_passwd(passwd, "postgres"),
            Some(Account { uid: 101, gid: 104 })
        );
        assert_eq!(in_passwd(passwd, "post"), None);
    }
}
