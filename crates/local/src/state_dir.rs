use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process;

use crate::StoresError;

/// The folder one run keeps everything in, locked for as long as this value lives.
#[derive(Debug)]
pub(crate) struct StateDir {
    path: PathBuf,
    _lock: File,
}

impl StateDir {
    pub(crate) fn open(path: &Path) -> Result<Self, StoresError> {
        fs::create_dir_all(path).map_err(StoresError::io("create", path))?;
        let path = path.canonicalize().map_err(StoresError::io("open", path))?;
        let lock = lock(&path)?;
        Ok(Self { path, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// The lock lies in a file that carries its holder's process id, for the message to who comes second.
fn lock(dir: &Path) -> Result<File, StoresError> {
    let path = dir.join("lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(StoresError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut owner = String::new();
            let _ = file.read_to_string(&mut owner);
            return Err(StoresError::InUse {
                dir: dir.to_owned(),
                owner: owner.trim().to_owned(),
            });
        }
        Err(TryLockError::Error(cause)) => return Err(StoresError::io("lock", &path)(cause)),
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", process::id()))
        .map_err(StoresError::io("write", &path))?;
    Ok(file)
}

/// The secret kept in `path`, made of 128 random bits and written 0600 when it is not there yet.
pub(crate) fn secret(path: &Path) -> Result<String, StoresError> {
    match fs::read_to_string(path) {
        Ok(kept) if !kept.trim().is_empty() => return Ok(kept.trim().to_owned()),
        Ok(_) | Err(_) => {}
    }
    let secret = random_hex()?;
    write_private(path, &secret)?;
    Ok(secret)
}

/// Replaces a file in one step with one that only its owner can read.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), StoresError> {
    let fresh = path.with_extension("new");
    let _ = fs::remove_file(&fresh);
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&fresh, path))
        .map_err(StoresError::io("write", path))
}

/// 128 bits of the system's randomness in hexadecimal.
pub(crate) fn random_hex() -> Result<String, StoresError> {
    let source = Path::new("/dev/urandom");
    let mut bits = [0_u8; 16];
    File::open(source)
        .and_then(|mut file| file.read_exact(&mut bits))
        .map_err(StoresError::io("read", source))?;
    Ok(hex::encode(bits))
}
