//! Runs the simulator alone.

mod flags;

use clap::Parser as _;
use harken_simulator::Simulator;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let flags = flags::Flags::parse();
    let mut terminated = signal(SignalKind::terminate())?;
    let simulator = Simulator::start(flags.into_config()).await?;
    announce(&simulator.url(), simulator.epoch());
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
fn announce(url: &str, epoch: i64) {
    println!(
        "{}",
        serde_json::json!({ "event": "ready", "url": url, "epoch": epoch })
    );
}
