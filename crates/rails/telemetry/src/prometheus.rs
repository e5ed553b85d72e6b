//! The process-wide Prometheus recorder.

use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::process;

/// Bounds of histograms in seconds.
const SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];
/// Bounds of histograms that count rows or messages of one batch.
const COUNTS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 1024.0];
/// How often samples are folded, so that memory stays flat when nobody scrapes.
const UPKEEP: Duration = Duration::from_secs(5);

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

pub(crate) fn install() -> Result<(), BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets(SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_rows".to_owned()), COUNTS)?
        .set_buckets_for_metric(Matcher::Suffix("_messages".to_owned()), COUNTS)?
        .install_recorder()?;
    let upkeep = handle.clone();
    if HANDLE.set(handle).is_ok() {
        thread::spawn(move || {
            loop {
                thread::sleep(UPKEEP);
                upkeep.run_upkeep();
            }
        });
    }
    Ok(())
}

/// Answers every metric of this process as Prometheus text; empty before [`crate::init`].
pub fn render_metrics() -> String {
    let Some(handle) = HANDLE.get() else {
        return String::new();
    };
    process::measure();
    handle.render()
}
