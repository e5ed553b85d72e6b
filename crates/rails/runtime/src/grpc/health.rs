use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::Readiness;

/// How often the health service learns whether the process is ready.
const EVERY: Duration = Duration::from_millis(500);

/// Tells the health service what readiness says, for ever. An empty name is the process as a whole.
pub(super) async fn follow(
    readiness: Readiness,
    names: Vec<&'static str>,
    reporter: HealthReporter,
) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let ready = readiness.snapshot().await.ready;
        tell(&names, &reporter, ready).await;
    }
}

/// Tells the health service once.
pub(super) async fn tell(names: &[&'static str], reporter: &HealthReporter, ready: bool) {
    let status = if ready {
        ServingStatus::Serving
    } else {
        ServingStatus::NotServing
    };
    for name in names.iter().copied().chain([""]) {
        reporter.set_service_status(name, status).await;
    }
}
