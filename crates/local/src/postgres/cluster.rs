use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::binaries::Binaries;
use super::home::Home;
use crate::account::{self, Account};
use crate::state_dir::secret;
use crate::{Durability, StoresError};

/// The superuser and the database it finds.
pub(super) const NAME: &str = "harken";

/// The password lies with the data it opens.
pub(super) fn password(home: &Home) -> Result<String, StoresError> {
    let path = home.folder.join("password");
    let password = secret(&path)?;
    home.account.map_or(Ok(()), |account| account.give(&path))?;
    Ok(password)
}

/// The major version that wrote the data, if there is any.
pub(super) fn written_by(home: &Home) -> Option<u32> {
    fs::read_to_string(home.data().join("PG_VERSION"))
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// Makes the data folder in one step: an interrupted attempt leaves nothing that looks finished.
pub(super) fn initialize(
    binaries: &Binaries,
    home: &Home,
    durability: Durability,
    log: &Path,
) -> Result<(), StoresError> {
    let fresh = home.folder.join("data.new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).map_err(StoresError::io("remove", &fresh))?;
    }
    // Names are compared by the rules of Unicode where the system knows them.
    if let Err(refusal) = initdb(binaries, home, &fresh, durability, "C.UTF-8", log) {
        if !refusal.to_string().contains("locale") {
            return Err(refusal);
        }
        initdb(binaries, home, &fresh, durability, "C", log)?;
    }
    create_database(binaries, home.account, &fresh, durability, log)?;
    let data = home.data();
    fs::rename(&fresh, &data).map_err(StoresError::io("create", &data))
}

fn initdb(
    binaries: &Binaries,
    home: &Home,
    data: &Path,
    durability: Durability,
    locale: &str,
    log: &Path,
) -> Result<(), StoresError> {
    let mut initdb = account::command(home.account, None, binaries.program("initdb"));
    initdb
        .arg("--pgdata")
        .arg(data)
        .arg("--pwfile")
        .arg(home.folder.join("password"))
        .args([
            "--username",
            NAME,
            "--auth",
            "scram-sha-256",
            "--encoding",
            "UTF8",
        ])
        .arg(format!("--locale={locale}"));
    if durability == Durability::Ephemeral {
        initdb.arg("--no-sync");
    }
    run(initdb, "", log)
}

/// Single-user mode needs neither a running server nor a client.
fn create_database(
    binaries: &Binaries,
    account: Option<Account>,
    data: &Path,
    durability: Durability,
    log: &Path,
) -> Result<(), StoresError> {
    let mut single = account::command(account, None, binaries.program("postgres"));
    single.args(["--single", "-c", "exit_on_error=true"]);
    if durability == Durability::Ephemeral {
        single.args(["-c", "fsync=off"]);
    }
    single.arg("-D").arg(data).arg("postgres");
    run(single, &format!("CREATE DATABASE {NAME}\n"), log)
}

/// Runs to the end; what it says goes to the log, and on failure into the error.
fn run(mut command: Command, input: &str, log: &Path) -> Result<(), StoresError> {
    let program = Path::new(command.get_program()).to_owned();
    let failure = StoresError::io("run", &program);
    let output = command
        .current_dir("/")
        .env("LC_MESSAGES", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .and_then(|mut child| {
            if let Some(mut stdin) = child.stdin.take() {
                stdin.write_all(input.as_bytes())?;
            }
            child.wait_with_output()
        })
        .map_err(failure)?;
    let said = [output.stdout, output.stderr].concat();
    fs::write(log, &said).map_err(StoresError::io("write", log))?;
    if output.status.success() {
        return Ok(());
    }
    Err(StoresError::failed(
        "Postgres",
        log,
        &String::from_utf8_lossy(&said),
    ))
}
