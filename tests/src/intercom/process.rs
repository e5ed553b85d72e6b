use std::env;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result};
use tokio::process::{Child, Command};

use super::Control;
use crate::deployment::beside_this_program;
use crate::until;

/// The simulator, while it runs. Dropping it ends it.
#[derive(Debug)]
pub struct Intercom {
    control: Control,
    _child: Child,
}

impl Intercom {
    /// Starts one that listens on `port` and keeps its log in `folder`.
    pub async fn start(folder: &Path, port: u16, app: App<'_>, flags: &[String]) -> Result<Self> {
        let log = File::create(folder.join("intercom.log"))?;
        let child = command()?
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .args(["--client-id", app.client_id])
            .args(["--client-secret", app.client_secret])
            .args(["--redirect-uri", app.redirect_uri])
            .args(flags)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("the simulator does not start")?;
        let control = Control::of(&format!("http://127.0.0.1:{port}"));
        until("the simulator answers", async || {
            control.requests().await.ok()
        })
        .await?;
        Ok(Self {
            control,
            _child: child,
        })
    }

    /// What it can be told and asked.
    pub const fn control(&self) -> &Control {
        &self.control
    }
}

/// The app that it knows.
#[derive(Clone, Copy, Debug)]
pub struct App<'a> {
    /// Its client ID.
    pub client_id: &'a str,
    /// Its client secret.
    pub client_secret: &'a str,
    /// Where people come back to.
    pub redirect_uri: &'a str,
}

fn command() -> Result<Command> {
    let program: PathBuf = beside_this_program("harken-simulator")?;
    let mut command = Command::new(program);
    command.env_clear();
    if let Some(path) = env::var_os("PATH") {
        command.env("PATH", path);
    }
    Ok(command)
}
