use harken_local::{Durability, StoreProgress, Stores, StoresConfig};
use harken_runtime::Environment;

use super::ports::Ports;
use super::state_dir::StateDir;
use super::voice::Voice;
use crate::failure::Failure;

/// Starts the private stores, or takes those that the environment names.
pub(super) async fn start(
    environment: &Environment,
    state: &StateDir,
    ports: Ports,
    voice: Voice,
) -> Result<Stores, Failure> {
    let database_url = environment.secret("HARKEN_DATABASE_URL")?;
    let config = StoresConfig {
        state_dir: state.join("stores"),
        postgres_port: ports.postgres,
        nats_port: ports.nats,
        external_database_url: database_url.map(|url| url.expose().to_owned()),
        external_nats_url: environment.optional("HARKEN_NATS_URL").map(str::to_owned),
        durability: Durability::Durable,
        progress: Box::new(move |step: StoreProgress| voice.starting(&step.to_string())),
    };
    Stores::start(config)
        .await
        .map_err(|refusal| Failure::other(refusal.to_string()))
}
