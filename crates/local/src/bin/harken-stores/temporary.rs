use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;

const PREFIX: &str = "harken-stores-";

/// This process's own folder for data that nobody keeps.
pub(crate) fn folder() -> PathBuf {
    env::temp_dir().join(format!("{PREFIX}{}", process::id()))
}

/// Removes the folders of processes that were killed before they could.
pub(crate) fn sweep() {
    let Ok(entries) = fs::read_dir(env::temp_dir()) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        if owner.is_some_and(|pid| !is_running(pid)) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_running(pid: &str) -> bool {
    pid.parse::<u32>().is_err() || Path::new("/proc").join(pid).exists()
}
