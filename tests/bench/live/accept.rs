//! How many notifications a second the edge makes durable, beside what the bus and HTTP permit on the same cores.

use std::iter;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Result;
use async_nats::jetstream::stream::{Config, DiscardPolicy, StorageType};
use async_nats::{HeaderMap, jetstream};
use bytes::Bytes;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Stage;
use super::bare::BareServer;
use super::effort::Effort;
use super::senders::send;
use crate::Measured;
use crate::measurement::{Goal, Measurement, Unit, grouped};
use crate::report::complain;
use crate::size::size;

const CONNECTIONS: usize = 256;
const ROUNDS: usize = 3;
const BARE_TIMES: usize = 5;
const LEAST_SHARE: f64 = 0.6;

pub(super) async fn measure(stage: &mut Stage) -> Measured {
    let count = size("HARKEN_BENCH_ACCEPT", 20_000);
    complain(&format!("ingress_accept: {ROUNDS} rounds of {count}"));
    // What reads the stream would take part of the cores.
    for reader in ["sync", "scoring", "gateway"] {
        stage.deployment.service(reader).kill().await?;
    }
    let (mut accepted, mut raw, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    let (mut refused, mut spooled) = (0, 0);
    let mut shares = String::new();
    let bare_server = BareServer::open()?;
    for _ in 0..ROUNDS {
        raw.push(published(stage, count).await?);
        let requests = stage.requests(count);
        let before = Effort::so_far();
        let sent = send(stage.deployment.edge(), requests, CONNECTIONS, None).await?;
        shares = Effort::so_far().since(&before);
        refused += sent.refused;
        spooled += sent.spooled;
        accepted.push(sent.per_sec());
        bare.push(answered(stage, bare_server.address(), count).await?);
    }
    stage.deployment.mend().await?;
    let (accepted, raw, bare) = (median(accepted), median(raw), median(bare));
    let mut said = Measurement::default();
    said.say(
        "accepted, durable",
        accepted,
        Unit::PerSec,
        format!("{CONNECTIONS} connections, sync_interval always, {spooled} kept in the spool; CPU s: {shares}"),
    );
    said.say(
        "raw JetStream publishing",
        raw,
        Unit::PerSec,
        format!("the same bytes, {CONNECTIONS} at once"),
    );
    said.say(
        "bare HTTP handler",
        bare,
        Unit::PerSec,
        "reads the body and answers",
    );
    said.hold(
        "share of raw JetStream",
        (accepted / raw, Goal::AtLeast(LEAST_SHARE)),
        Unit::Share,
        format!("median of {ROUNDS} rounds of {}", grouped(count as f64)),
    );
    said.say(
        "share of the bare handler",
        accepted / bare,
        Unit::Share,
        "",
    );
    said.hold(
        "answers but 2xx",
        (refused as f64, Goal::AtMost(0.0)),
        Unit::Count,
        "",
    );
    Ok(said)
}

async fn answered(stage: &mut Stage, address: SocketAddr, count: usize) -> Result<f64> {
    // So fast that it has to be asked more often to be measured.
    let once = stage.requests(count);
    let requests = iter::repeat_n(once, BARE_TIMES).flatten().collect();
    Ok(send(address, requests, CONNECTIONS, None).await?.per_sec())
}

/// Publishes as many bodies on a stream like ours, each with an id, and waits for every acknowledgement.
async fn published(stage: &mut Stage, count: usize) -> Result<f64> {
    let bodies: Vec<Bytes> = (0..count).map(|_| stage.story.tell().body).collect();
    let jetstream = jetstream::new(stage.deployment.nats.nats_client().await?);
    let config = Config {
        name: "BENCH".to_owned(),
        subjects: vec!["bench.>".to_owned()],
        storage: StorageType::File,
        discard: DiscardPolicy::New,
        max_bytes: 1024 * 1024 * 1024,
        duplicate_window: Duration::from_mins(10),
        allow_direct: true,
        ..Config::default()
    };
    jetstream.create_stream(config).await?;
    let (bodies, next) = (Arc::new(bodies), Arc::new(AtomicUsize::new(0)));
    let begun = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (jetstream, bodies, next) = (jetstream.clone(), Arc::clone(&bodies), Arc::clone(&next));
        running.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(body) = bodies.get(number) else {
                    return anyhow::Ok(());
                };
                let mut headers = HeaderMap::new();
                headers.insert("Nats-Msg-Id", format!("bench:{number}"));
                let subject = format!("bench.{}", number % 64);
                let stored = jetstream.publish_with_headers(subject, headers, body.clone());
                stored.await?.await?;
            }
        });
    }
    while let Some(published) = running.join_next().await {
        published??;
    }
    let rate = count as f64 / begun.elapsed().as_secs_f64();
    jetstream.delete_stream("BENCH").await?;
    Ok(rate)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
