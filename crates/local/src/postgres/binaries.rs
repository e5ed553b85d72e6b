use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{find_on_path, is_executable, version_of};
use crate::{StoreProgress, StoresError, distribution};

pub(super) const OLDEST_MAJOR: u32 = 15;

/// Folders that hold a folder per installed major.
const INSTALLED_UNDER: [(&str, &str); 2] = [("/usr/lib/postgresql", ""), ("/usr", "pgsql-")];

/// An installed Postgres.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    pub(super) folder: PathBuf,
    pub(super) major: u32,
}

impl Binaries {
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The Postgres that can serve data written by the major `written`, or the newest for new data.
    pub(super) fn find(
        data: &Path,
        written: Option<u32>,
        progress: &dyn Fn(StoreProgress),
    ) -> Result<Self, StoresError> {
        if let Some(found) = choose(installed(), written) {
            return Ok(found);
        }
        let others = installed();
        if let (Some(written), false) = (written, others.is_empty()) {
            let installed = others
                .iter()
                .map(|other| other.major.to_string())
                .collect::<Vec<_>>();
            return Err(StoresError::OtherMajor {
                data: data.to_owned(),
                written,
                installed: installed.join(", "),
            });
        }
        progress(StoreProgress::InstallingPostgres);
        distribution::install_postgres()?;
        choose(installed(), written).ok_or_else(|| StoresError::Missing {
            store: "Postgres 15 or newer",
            remedy: "the distribution's package brings none; install a newer one by hand"
                .to_owned(),
        })
    }
}

fn choose(installed: Vec<Binaries>, written: Option<u32>) -> Option<Binaries> {
    installed
        .into_iter()
        .filter(|found| found.major >= OLDEST_MAJOR)
        .filter(|found| written.is_none_or(|written| written == found.major))
        .max_by_key(|found| found.major)
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
    packaged.chain(on_path).filter_map(complete).collect()
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
        let installed = || vec![of(14), of(15), of(17), of(16)];
        assert_eq!(choose(installed(), None), Some(of(17)));
        assert_eq!(choose(installed(), Some(15)), Some(of(15)));
        assert_eq!(choose(installed(), Some(18)), None);
        assert_eq!(choose(vec![of(14)], None), None);
    }
}
