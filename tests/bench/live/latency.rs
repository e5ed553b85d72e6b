//! How long Intercom waits for an answer while everything behind the edge works, too.

use std::time::Duration;

use tokio::time::sleep;

use super::Stage;
use super::backlog::applied;
use super::senders::send;
use crate::Measured;
use crate::measurement::{Goal, Measurement, Unit, grouped};
use crate::report::complain;
use crate::size::size;
use crate::timing::Timing;

const CONNECTIONS: usize = 256;
const RATES: [u32; 2] = [500, 2_500];
/// What Intercom rewards.
const LIMIT_MS: f64 = 500.0;
const CALM: Duration = Duration::from_secs(2);

pub(super) async fn measure(stage: &mut Stage) -> Measured {
    let secs = size("HARKEN_BENCH_SECS", 20);
    let mut said = Measurement::default();
    for rate in RATES {
        complain(&format!("answer_latency: {rate}/s for {secs} s"));
        let requests = stage.requests(rate as usize * secs);
        let count = requests.len() as f64;
        let edge = stage.deployment.edge();
        let sent = send(edge, requests, CONNECTIONS, Some(rate)).await?;
        let (refused, spooled) = (sent.refused as f64, sent.spooled);
        let timing = Timing::from(sent.took);
        let under = format!("{}/s", grouped(rate.into()));
        let mut lines = Measurement::default();
        let percentiles = format!(
            "median; 95 % within {:.1} ms, 99 % {:.1}, 99.9 % {:.1}; from when each was due",
            timing.p95_ms(),
            timing.permille_ms(990),
            timing.permille_ms(999)
        );
        lines.say("answer", timing.median_ms(), Unit::Millis, percentiles);
        let of = format!(
            "{} sent over {CONNECTIONS} connections, {spooled} kept in the spool first",
            grouped(count)
        );
        lines.hold(
            "slowest answer",
            (timing.max_ms(), Goal::AtMost(LIMIT_MS)),
            Unit::Millis,
            of,
        );
        lines.hold(
            "answers but 2xx",
            (refused, Goal::AtMost(0.0)),
            Unit::Count,
            "",
        );
        said.append(&under, lines);
        applied(stage).await?;
        sleep(CALM).await;
    }
    Ok(said)
}
