//! Intercom's own client libraries and its own description judge the simulator.
//!
//! The libraries are installed under `target/clients` when they are missing there.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails aloud"
)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use harken_simulator::{Config, Handle, Simulator};

const TOKEN: &str = "sim_full_demo_a1b2c3d4e5f60718293a4b5c6d7e8f90";

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/simulator")
}

fn clients() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("../clients")
}

fn run(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?} failed:\n{said}\n{complained}"
    );
}

/// Runs `install` in an empty folder, unless what `list` names is there already.
fn installed(name: &str, list: &str, install: impl FnOnce(&Path)) -> PathBuf {
    let folder = clients().join(name);
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(clients().join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    let wanted = fs::read_to_string(scripts().join(list)).unwrap();
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).ok().as_deref() != Some(&wanted) {
        fs::remove_dir_all(&folder).unwrap();
        fs::create_dir_all(&folder).unwrap();
        install(&folder);
        fs::write(stamp, wanted).unwrap();
    }
    folder
}

fn python() -> PathBuf {
    let folder = installed("python", "requirements.txt", |folder| {
        run(Command::new("python3").args(["-m", "venv"]).arg(folder));
        let pip = folder.join("bin/pip");
        let quiet = [
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ];
        run(Command::new(pip)
            .args(quiet)
            .arg(scripts().join("requirements.txt")));
    });
    folder.join("bin/python")
}

fn node_modules() -> PathBuf {
    installed("node", "package.json", |folder| {
        fs::copy(scripts().join("package.json"), folder.join("package.json")).unwrap();
        let quiet = [
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
        ];
        run(Command::new("npm").args(quiet).current_dir(folder));
    })
}

async fn simulator() -> Handle {
    let config = Config {
        contacts: 150,
        conversations: 600,
        rate_per_minute: 0,
        workspace_rate_per_minute: 0,
        ..Config::default()
    };
    Simulator::start(config).await.unwrap()
}

/// Runs a command against a fresh simulator without blocking it.
async fn against(mut command: Command) {
    let simulator = simulator().await;
    command.args([&simulator.url(), TOKEN, "demo"]);
    tokio::task::spawn_blocking(move || run(&mut command))
        .await
        .unwrap();
    simulator.stop().await;
}

#[tokio::test]
async fn the_official_python_client_reads_everything() {
    let mut command = Command::new(python());
    command.arg(scripts().join("official_clients.py"));
    against(command).await;
}

#[tokio::test]
async fn the_official_node_client_reads_everything() {
    let mut command = Command::new("node");
    command.env("INTERCOM_CLIENT_DIR", node_modules());
    command.arg(scripts().join("official_clients.mjs"));
    against(command).await;
}

#[tokio::test]
async fn every_answer_fits_the_official_description() {
    let mut command = Command::new(python());
    command.arg(scripts().join("openapi_check.py"));
    against(command).await;
}
