//! The local profile: everything on this machine, one file per concern.

mod bootstrap;
mod deployment;
mod house;
mod ports;
mod secrets;
mod simulator;
mod state_dir;
mod stores;
mod voice;

use harken_runtime::{Environment, Shutdown};
use harken_telemetry::LogTarget;

use crate::cli::UpArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::services::telemetry;

use deployment::Deployment;
use ports::Ports;
use state_dir::StateDir;
use voice::Voice;

/// Starts everything, says where it is, and stays until told to stop.
pub(crate) async fn run(args: UpArgs, environment: Environment) -> Result<(), Failure> {
    let voice = Voice::new(Output::standard(args.json, &environment));
    let lived = live(&args, &environment, &voice).await;
    match &lived {
        Ok(()) => voice.stopped(),
        Err(failure) => voice.failed(failure),
    }
    lived
}

async fn live(args: &UpArgs, environment: &Environment, voice: &Voice) -> Result<(), Failure> {
    let state = StateDir::claim(&args.state_dir)?;
    let ports = Ports::from_base(args.port_base);
    ports.require_free()?;
    let log = LogTarget::File(state.fresh_log("harken")?);
    let telemetry = telemetry("local", log, environment)?;
    let shutdown = Shutdown::on_signals()
        .map_err(|cause| Failure::other(format!("signals cannot be caught: {cause}")))?;
    let told_to_stop = shutdown.clone();
    let started = tokio::select! {
        started = Deployment::start(args, environment, &state, ports, shutdown, voice) => Some(started?),
        () = told_to_stop.requested() => None,
    };
    let lived = match started {
        Some((deployment, ready)) => {
            voice.ready(&ready);
            deployment.live(voice).await
        }
        None => Ok(()),
    };
    telemetry.shutdown().await;
    lived
}
