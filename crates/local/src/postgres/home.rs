use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::StoresError;
use crate::account::Account;
use crate::state_dir::StateDir;

/// Where data goes that the account of Postgres cannot reach inside the state folder.
const ELSEWHERE: &str = "/var/lib/harken-local";

/// In the state folder: the path of data that lies elsewhere.
const NOTE: &str = "postgres.elsewhere";

/// In a folder elsewhere: the state folder it belongs to.
const BACK_NOTE: &str = "state-dir";

/// The folder of a Postgres and, when we are root, the account that runs it.
#[derive(Debug)]
pub(super) struct Home {
    pub(super) folder: PathBuf,
    pub(super) account: Option<Account>,
}

impl Home {
    /// Finds the folder an earlier run settled on, or settles on one.
    pub(super) fn settle(state: &StateDir) -> Result<Self, StoresError> {
        let inside = state.join("postgres");
        let us = Account::current()?;
        if !us.is_root() {
            return Self::of_an_ordinary_user(inside, us);
        }
        if let Some(folder) = elsewhere(state)? {
            let account = owner(&folder)?;
            return Ok(Self {
                folder,
                account: Some(account),
            });
        }
        if inside.join("data").exists() {
            let account = owner(&inside)?;
            return Ok(Self {
                folder: inside,
                account: Some(account),
            });
        }
        let account = Account::for_postgres()?;
        create(&inside, account)?;
        if account.can_write(&inside) {
            return Ok(Self {
                folder: inside,
                account: Some(account),
            });
        }
        fs::remove_dir(&inside).map_err(StoresError::io("remove", &inside))?;
        let folder = settle_elsewhere(state, account)?;
        Ok(Self {
            folder,
            account: Some(account),
        })
    }

    fn of_an_ordinary_user(inside: PathBuf, us: Account) -> Result<Self, StoresError> {
        match Account::owning(&inside) {
            Ok(owner) if owner.uid == us.uid => {}
            Ok(_) => return Err(StoresError::NotOurs { path: inside }),
            Err(_) => private_folder(&inside)?,
        }
        Ok(Self {
            folder: inside,
            account: None,
        })
    }

    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }
}

fn owner(folder: &Path) -> Result<Account, StoresError> {
    Account::owning(folder).map_err(StoresError::io("read", folder))
}

/// The folder noted by an earlier run, if it is still ours: a copied state folder gets data of its own.
fn elsewhere(state: &StateDir) -> Result<Option<PathBuf>, StoresError> {
    let Ok(noted) = fs::read_to_string(state.join(NOTE)) else {
        return Ok(None);
    };
    let folder = PathBuf::from(noted.trim());
    let back = folder.join(BACK_NOTE);
    let Ok(belongs_to) = fs::read_to_string(&back) else {
        return Ok(None);
    };
    let belongs_to = Path::new(belongs_to.trim());
    if belongs_to == state.path() {
        return Ok(Some(folder));
    }
    if belongs_to.join(NOTE).exists() {
        return Ok(None);
    }
    write(&back, state.path())?;
    Ok(Some(folder))
}

fn settle_elsewhere(state: &StateDir, account: Account) -> Result<PathBuf, StoresError> {
    fs::create_dir_all(ELSEWHERE).map_err(StoresError::io("create", Path::new(ELSEWHERE)))?;
    let name = hex::encode(&Sha256::digest(state.path().as_os_str().as_encoded_bytes())[..8]);
    let folder = Path::new(ELSEWHERE).join(name);
    if folder.exists() {
        // Left by a state folder of this path that was deleted.
        fs::remove_dir_all(&folder).map_err(StoresError::io("remove", &folder))?;
    }
    create(&folder, account)?;
    write(&folder.join(BACK_NOTE), state.path())?;
    write(&state.join(NOTE), &folder)?;
    Ok(folder)
}

fn create(folder: &Path, account: Account) -> Result<(), StoresError> {
    private_folder(folder)?;
    account.give(folder)
}

fn private_folder(folder: &Path) -> Result<(), StoresError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(StoresError::io("create", folder))
}

fn write(path: &Path, content: &Path) -> Result<(), StoresError> {
    fs::write(path, format!("{}\n", content.display())).map_err(StoresError::io("write", path))
}
