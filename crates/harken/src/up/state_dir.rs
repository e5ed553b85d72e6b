use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process;

use crate::failure::Failure;

/// The folder in which one local deployment keeps everything; locked while this value lives.
#[derive(Debug)]
pub(super) struct StateDir {
    path: PathBuf,
    _lock: File,
}

impl StateDir {
    /// Makes the folder if needed and keeps others out of it.
    pub(super) fn claim(named: &Path) -> Result<Self, Failure> {
        let unusable = |cause: io::Error| {
            Failure::other(format!(
                "the state folder {} cannot be used: {cause}; choose another with --state-dir",
                named.display()
            ))
        };
        fs::create_dir_all(named).map_err(unusable)?;
        let path = named.canonicalize().map_err(unusable)?;
        let lock = lock(&path)?;
        Ok(Self { path, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Where this start logs; the log of the one before stays beside it.
    pub(super) fn fresh_log(&self, name: &str) -> Result<PathBuf, Failure> {
        let log = self
            .private_folder("logs")?
            .join(name)
            .with_extension("log");
        match fs::rename(&log, log.with_extension("log.1")) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                Err(Failure::file("write", &log, &cause))
            }
            _ => Ok(log),
        }
    }

    /// A folder in it that only we can look into.
    pub(super) fn private_folder(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.join(name);
        match DirBuilder::new().mode(0o700).create(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => {
                Err(Failure::file("create", &path, &cause))
            }
            _ => Ok(path),
        }
    }
}

/// The lock's file carries its holder's process id, for who comes second.
fn lock(folder: &Path) -> Result<File, Failure> {
    let path = folder.join("up.lock");
    let unusable = |cause: io::Error| Failure::file("lock", &path, &cause);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            return Err(Failure::other(format!(
                "`harken up` already runs in {} (process {}); use that one, stop it, or choose another folder with \
                 --state-dir and other ports with --port-base",
                folder.display(),
                holder.trim()
            )));
        }
        Err(TryLockError::Error(cause)) => return Err(unusable(cause)),
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", process::id()))
        .map_err(unusable)?;
    Ok(file)
}

/// Replaces a file in one step by one that only its owner can read.
pub(super) fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    let fresh = path.with_extension("new");
    let _ = fs::remove_file(&fresh);
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())
                .and_then(|()| file.sync_all())
        })
        .and_then(|()| fs::rename(&fresh, path))
        .map_err(|cause| Failure::file("write", path, &cause))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_folder_has_one_holder_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let held = StateDir::claim(folder.path()).unwrap();
        let refusal = StateDir::claim(folder.path()).unwrap_err().to_string();
        assert!(
            refusal.contains(&format!("process {}", process::id())),
            "{refusal}"
        );
        drop(held);
        StateDir::claim(folder.path()).unwrap();
    }

    #[test]
    fn what_is_private_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("client.json");
        write_private(&file, "{}").unwrap();
        write_private(&file, "{\"a\":1}").unwrap();
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read_to_string(&file).unwrap(), "{\"a\":1}");
    }
}
