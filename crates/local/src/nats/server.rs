use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;

use super::binary;
use crate::leftover::Leftover;
use crate::process::{Server, StopLadder};
use crate::state_dir::{StateDir, secret, write_private};
use crate::{Durability, StoreProgress, StoresConfig, StoresError, account, port};

const STORE: &str = "NATS";
const USER: &str = "harken";

const LADDER: StopLadder = &[
    (Signal::TERM, Duration::from_secs(15)),
    (Signal::KILL, Duration::from_secs(5)),
];

/// A nats-server ready to be started: configured, its port free, nothing left of an earlier run.
#[derive(Debug)]
pub(crate) struct Nats {
    program: PathBuf,
    settings: PathBuf,
    port: u16,
    password: String,
    log: PathBuf,
}

impl Nats {
    pub(crate) fn prepare(state: &StateDir, config: &StoresConfig) -> Result<Self, StoresError> {
        let program = binary::find(state, &config.progress)?;
        let folder = state.join("nats");
        fs::create_dir_all(&folder).map_err(StoresError::io("create", &folder))?;
        let (settings, pid_file) = (folder.join("nats.conf"), folder.join("pid"));
        if let Some(leftover) = Leftover::find(&pid_file, &settings) {
            let pid = leftover.pid;
            (config.progress)(StoreProgress::StoppingLeftover { store: STORE, pid });
            leftover.stop(LADDER);
        }
        let port = config.nats_port;
        port::require_free(STORE, port)?;
        let password = secret(&folder.join("password"))?;
        let text = settings_text(port, &password, &folder, &pid_file, config.durability);
        write_private(&settings, &text)?;
        Ok(Self {
            program,
            settings,
            port,
            password,
            log: state.join("nats.log"),
        })
    }

    pub(crate) fn start(&self, given_up: &dyn Fn() -> bool) -> Result<Server, StoresError> {
        let mut command = account::command(None, Some("TERM"), &self.program);
        command.arg("--config").arg(&self.settings);
        let mut server = Server::spawn(STORE, command, self.log.clone(), LADDER)?;
        // Its own word, as a greeting on the port might be another server's.
        server.wait_until(given_up, |logged| logged.contains("Server is ready"))?;
        Ok(server)
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://{USER}:{}@127.0.0.1:{}", self.password, self.port)
    }
}

fn settings_text(
    port: u16,
    password: &str,
    folder: &Path,
    pid_file: &Path,
    durability: Durability,
) -> String {
    let sync = match durability {
        Durability::Durable => "  sync_interval: always\n",
        Durability::Ephemeral => "",
    };
    let (store, pid_file) = (quoted(&folder.join("jetstream")), quoted(pid_file));
    format!(
        "server_name: harken_local\n\
         listen: \"127.0.0.1:{port}\"\n\
         pid_file: {pid_file}\n\
         authorization {{ user: {USER}, password: \"{password}\" }}\n\
         jetstream {{\n  store_dir: {store}\n  max_memory_store: 256MB\n  max_file_store: 64GB\n{sync}}}\n"
    )
}

fn quoted(path: &Path) -> String {
    format!(
        "\"{}\"",
        path.display()
            .to_string()
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_durable_data_is_synced_before_it_is_acknowledged() {
        let text = |durability| {
            settings_text(
                7405,
                "secret",
                Path::new("/s p/nats"),
                Path::new("/s p/pid"),
                durability,
            )
        };
        assert!(text(Durability::Durable).contains("sync_interval: always"));
        assert!(!text(Durability::Ephemeral).contains("sync_interval"));
        assert!(text(Durability::Durable).contains("store_dir: \"/s p/nats/jetstream\""));
    }
}
