//! What was taken back: revoked tokens, uninstalled apps, removed permissions.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::permission::{Permission, Permissions};

/// What survives a restart when a state directory is given.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Held {
    /// Unix seconds of the story's epoch, and what it was told from.
    pub(crate) epoch: Option<i64>,
    /// Unix milliseconds of the last uninstall, by workspace.
    uninstalled_at_ms: BTreeMap<String, i64>,
    /// Workspaces the app was allowed in.
    installed: BTreeSet<String>,
    /// Workspaces a private app's token was used for.
    private: BTreeSet<String>,
    revoked_tokens: BTreeSet<String>,
    removed: BTreeMap<String, BTreeSet<Permission>>,
}

#[derive(Debug)]
pub(crate) struct Register {
    held: Mutex<Held>,
    used_codes: Mutex<BTreeSet<u64>>,
    file: Option<PathBuf>,
}

impl Register {
    /// Reads what an earlier run left under `state_dir`.
    pub(crate) fn open(state_dir: Option<&Path>) -> io::Result<Self> {
        let file = match state_dir {
            Some(dir) => {
                fs::create_dir_all(dir)?;
                Some(dir.join("simulator.json"))
            }
            None => None,
        };
        let held = match file.as_ref().map(fs::read) {
            Some(Ok(bytes)) => serde_json::from_slice(&bytes)?,
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => Held::default(),
        };
        Ok(Self {
            held: Mutex::new(held),
            used_codes: Mutex::default(),
            file,
        })
    }

    pub(crate) fn epoch(&self) -> Option<i64> {
        self.held().epoch
    }

    pub(crate) fn keep_epoch(&self, epoch: i64) -> io::Result<()> {
        self.change(|held| held.epoch = Some(epoch))
    }

    /// Takes the app out of a workspace: every token given before `now_ms` dies.
    pub(crate) fn uninstall(&self, workspace: &str, now_ms: i64) -> io::Result<()> {
        self.change(|held| {
            held.uninstalled_at_ms.insert(workspace.to_owned(), now_ms);
            held.installed.remove(workspace);
        })
    }

    /// The app was allowed in a workspace, which is listened to from now on.
    pub(crate) fn install(&self, workspace: &str) -> io::Result<()> {
        if self.held().installed.contains(workspace) {
            return Ok(());
        }
        self.change(|held| {
            held.installed.insert(workspace.to_owned());
        })
    }

    /// A private app works for a workspace, which is listened to from now on.
    pub(crate) fn use_private(&self, workspace: &str) -> io::Result<()> {
        if self.held().private.contains(workspace) {
            return Ok(());
        }
        self.change(|held| {
            held.private.insert(workspace.to_owned());
        })
    }

    /// The app's access to a workspace is gone.
    pub(crate) fn remove_app(&self, workspace: &str) -> io::Result<()> {
        self.change(|held| {
            held.installed.remove(workspace);
        })
    }

    /// The private app of a workspace is gone.
    pub(crate) fn drop_private(&self, workspace: &str) -> io::Result<()> {
        self.change(|held| {
            held.private.remove(workspace);
        })
    }

    /// Whether the app was allowed in a workspace, rather than a private one.
    pub(crate) fn is_allowed(&self, workspace: &str) -> bool {
        self.held().installed.contains(workspace)
    }

    /// Whether an app listens to a workspace.
    pub(crate) fn is_installed(&self, workspace: &str) -> bool {
        let held = self.held();
        held.installed.contains(workspace) || held.private.contains(workspace)
    }

    pub(crate) fn revoke(&self, token: &str) -> io::Result<()> {
        self.change(|held| {
            held.revoked_tokens.insert(token.to_owned());
        })
    }

    /// Takes a permission from every token of a workspace, or gives it back.
    pub(crate) fn remove(
        &self,
        workspace: &str,
        permission: Permission,
        gone: bool,
    ) -> io::Result<()> {
        self.change(|held| {
            let removed = held.removed.entry(workspace.to_owned()).or_default();
            if gone {
                removed.insert(permission)
            } else {
                removed.remove(&permission)
            };
        })
    }

    pub(crate) fn is_revoked(&self, token: &str) -> bool {
        self.held().revoked_tokens.contains(token)
    }

    pub(crate) fn is_uninstalled(&self, workspace: &str, issued_at_ms: i64) -> bool {
        self.held()
            .uninstalled_at_ms
            .get(workspace)
            .is_some_and(|at| issued_at_ms <= *at)
    }

    pub(crate) fn left_of(&self, permissions: Permissions, workspace: &str) -> Permissions {
        let held = self.held();
        let removed = held.removed.get(workspace).into_iter().flatten();
        removed.fold(permissions, |permissions, removed| {
            permissions.without(*removed)
        })
    }

    /// Whether this is the code's first use.
    pub(crate) fn use_code(&self, nonce: u64) -> bool {
        self.used_codes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(nonce)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Held)) -> io::Result<()> {
        let mut held = self.held();
        change(&mut held);
        let Some(file) = &self.file else {
            return Ok(());
        };
        let draft = file.with_extension("json.new");
        fs::write(&draft, serde_json::to_vec_pretty(&*held)?)?;
        fs::rename(draft, file)
    }
}
