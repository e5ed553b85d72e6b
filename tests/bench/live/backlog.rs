//! A backlog that drains: sync is away while notifications come in, then takes them all, and scores follow.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use harken_contracts::subjects::Stream;
use tokio::time::sleep;

use super::Stage;
use super::effort::Effort;
use super::senders::send;
use crate::Measured;
use crate::measurement::{Goal, Measurement, Unit, grouped};
use crate::report::complain;
use crate::size::size;

const CONNECTIONS: usize = 64;
const AT_ONCE: usize = 20_000;
const LEAST_PER_SEC: f64 = 3_000.0;
const POLL: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_mins(20);
/// Readers of the streams.
const SYNC: &str = "sync-webhooks";
const SCORING: &str = "scoring-records";

pub(super) async fn measure(stage: &mut Stage) -> Measured {
    let count = size("HARKEN_BENCH_BACKLOG", 200_000);
    complain(&format!("backlog: {count} notifications"));
    stage.deployment.service("sync").kill().await?;
    let mut refused = 0;
    for begin in (0..count).step_by(AT_ONCE) {
        let requests = stage.requests(AT_ONCE.min(count - begin));
        let sent = send(stage.deployment.edge(), requests, CONNECTIONS, None).await?;
        refused += sent.refused;
    }
    // Those that are there already count too.
    let waiting = waiting(stage).await?;
    let before = Effort::so_far();
    let begun = Instant::now();
    let sync = stage.deployment.service("sync");
    sync.launch()?;
    sync.ready().await?;
    applied(stage).await?;
    let drained = begun.elapsed();
    let shares = Effort::so_far().since(&before);
    scored(stage).await?;
    let settled = begun.elapsed();

    let mut said = Measurement::default();
    said.hold(
        "applied, with scores following",
        (
            waiting as f64 / drained.as_secs_f64(),
            Goal::AtLeast(LEAST_PER_SEC),
        ),
        Unit::PerSec,
        format!(
            "{} in {:.1} s; CPU s: {shares}",
            grouped(waiting as f64),
            drained.as_secs_f64()
        ),
    );
    said.say(
        "until scores had settled",
        settled.as_secs_f64(),
        Unit::Secs,
        format!(
            "{} /s through both",
            grouped(waiting as f64 / settled.as_secs_f64())
        ),
    );
    said.hold(
        "answers but 2xx",
        (refused as f64, Goal::AtMost(0.0)),
        Unit::Count,
        "",
    );
    Ok(said)
}

async fn waiting(stage: &Stage) -> Result<u64> {
    let lag = stage
        .deployment
        .bus()
        .await?
        .lag(Stream::Webhook, SYNC)
        .await?;
    Ok(lag.waiting + lag.under_way)
}

/// Waits until sync has taken everything in.
pub(super) async fn applied(stage: &Stage) -> Result<()> {
    none_left(stage, Stream::Webhook, SYNC).await
}

/// Waits until scoring has followed.
async fn scored(stage: &Stage) -> Result<()> {
    let mut database = stage.deployment.database().await?;
    let begun = Instant::now();
    loop {
        none_left(stage, Stream::Record, SCORING).await?;
        let posted: i64 = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM sync.outbox) + (SELECT count(*) FROM scoring.outbox)",
        )
        .fetch_one(&mut database)
        .await?;
        if posted == 0 {
            return Ok(());
        }
        if begun.elapsed() > LONGEST {
            bail!("{posted} events still wait to be told");
        }
        sleep(POLL).await;
    }
}

async fn none_left(stage: &Stage, stream: Stream, reader: &str) -> Result<()> {
    let bus = stage.deployment.bus().await?;
    let begun = Instant::now();
    loop {
        let lag = bus.lag(stream, reader).await?;
        if lag.is_none() {
            return Ok(());
        }
        if begun.elapsed() > LONGEST {
            bail!("{reader} is still {} messages behind", lag.waiting);
        }
        sleep(POLL).await;
    }
}
