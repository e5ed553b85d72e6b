//! Runs the simulator alone.

mod flags;

use std::error::Error;
use std::io;
use std::process::ExitCode;

use clap::Parser as _;
use harken_simulator::{Simulator, StartError};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let flags = flags::Flags::parse();
    match run(flags).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Why the simulator ends early.
#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error("{0}")]
    Start(#[from] StartError),
    #[error("cannot wait for signals")]
    Signals(#[from] io::Error),
}

async fn run(flags: flags::Flags) -> Result<(), RunError> {
    let mut terminated = signal(SignalKind::terminate())?;
    let simulator = Simulator::start(flags.into_config()).await?;
    announce(&simulator);
    tokio::select! {
        _ = terminated.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    simulator.stop().await;
    Ok(())
}

#[expect(
    clippy::print_stdout,
    reason = "the one line whoever started us waits for"
)]
fn announce(simulator: &harken_simulator::Handle) {
    let (url, epoch) = (simulator.url(), simulator.epoch());
    println!(
        "{}",
        serde_json::json!({ "event": "ready", "url": url, "epoch": epoch })
    );
}

#[expect(clippy::print_stderr, reason = "says what is wrong and what to do")]
fn complain(error: &RunError) {
    let cause = match error {
        RunError::Start(start) => start.source(),
        RunError::Signals(_) => error.source(),
    };
    let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
    let remedy = match error {
        RunError::Start(StartError::Listen { .. }) => "; choose another address with --listen",
        RunError::Start(StartError::State(_)) => "; check the folder given with --state-dir",
        RunError::Signals(_) => "",
    };
    eprintln!("harken-simulator: {error}{cause}{remedy}");
}
