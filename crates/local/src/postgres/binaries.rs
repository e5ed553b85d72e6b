use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{find_on_path, is_executable, version_of};
use crate::{StoreProgress, StoresError, distribution};

const OLDEST_MAJOR: u32 = 15;

/// Folders that hold a folder per installed major.
const INSTALLED_UNDER: [(&str, &str); 2] = [("/usr/lib/postgresql", ""), ("/usr", "pgsql-")];

/// An installed Postgres.
#[derive(Debug)]
pub(super) struct Binaries {
    pub(super) folder: PathBuf,
    pub(super) major: u32,
}

impl Binaries {
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Everything installed that is new enough; installs the distribution's where nothing is.
    pub(super) fn obtain(progress: &dyn Fn(StoreProgress)) -> Result<Vec<Self>, StoresError> {
        let found = installed();
        if !found.is_empty() {
            return Ok(found);
        }
        progress(StoreProgress::InstallingPostgres);
        distribution::install_postgres()?;
        let found = installed();
        if found.is_empty() {
            return Err(StoresError::Missing {
                store: "Postgres 15 or newer",
                remedy: "the distribution's package is older; install a newer one by hand"
                    .to_owned(),
            });
        }
        Ok(found)
    }

    /// The one that serves data written by the major `written`, or the newest for new data.
    pub(super) fn choose(
        found: Vec<Self>,
        written: Option<u32>,
        data: &Path,
    ) -> Result<Self, StoresError> {
        let majors: Vec<String> = found.iter().map(|found| found.major.to_string()).collect();
        found
            .into_iter()
            .filter(|found| written.is_none_or(|written| written == found.major))
            .max_by_key(|found| found.major)
            .ok_or_else(|| StoresError::OtherMajor {
                data: data.to_owned(),
                written: written.unwrap_or_default(),
                installed: majors.join(", "),
            })
    }
}

fn installed() -> Vec<Binaries> {
    let on_path = find_on_path("postgres").and_then(|postgres| Some(postgres.parent()?.to_owned()));
    let packaged = INSTALLED_UNDER.iter().flat_map(|(parent, prefix)| {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        entries
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
            .map(|entry| entry.path().join("bin"))
            .collect::<Vec<_>>()
    });
    packaged
        .chain(on_path)
        .filter_map(complete)
        .filter(|found| found.major >= OLDEST_MAJOR)
        .collect()
}

fn complete(folder: PathBuf) -> Option<Binaries> {
    let (postgres, initdb) = (folder.join("postgres"), folder.join("initdb"));
    if !is_executable(&postgres) || !is_executable(&initdb) {
        return None;
    }
    let major = *version_of(&postgres)?.first()?;
    Some(Binaries { folder, major })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(major: u32) -> Binaries {
        Binaries {
            folder: PathBuf::from(format!("/{major}")),
            major,
        }
    }

    #[test]
    fn new_data_gets_the_newest_and_old_data_its_own() {
        let choose = |written| {
            let found = vec![of(15), of(17), of(16)];
            Binaries::choose(found, written, Path::new("/data")).map(|chosen| chosen.major)
        };
        assert_eq!(choose(None).unwrap(), 17);
        assert_eq!(choose(Some(15)).unwrap(), 15);
        let refusal = choose(Some(18)).unwrap_err().to_string();
        assert!(
            refusal.contains("written by Postgres 18, and only 15, 17, 16 is installed"),
            "{refusal}"
        );
    }
}
