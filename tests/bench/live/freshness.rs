//! From the answer to Intercom until the new score can be read, beside the least that has to happen in between.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::stream::{Config, StorageType};
use async_nats::{HeaderMap, jetstream};
use bytes::Bytes;
use futures::StreamExt as _;
use harken_contracts::wire::scoring::v1::{GetScoreRequest, Score, WatchScoresRequest};
use harken_domain::CustomerId;
use harken_system_tests::deployment::Tenant;
use harken_system_tests::traffic::{Poster, request};
use harken_system_tests::until_within;
use sqlx::Connection as _;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};
use tonic::Streaming;

use super::Stage;
use super::backlog::applied;
use crate::Measured;
use crate::measurement::{Goal, Measurement, Unit, grouped};
use crate::report::complain;
use crate::size::size;
use crate::timing::Timing;

const PER_SEC: u32 = 100;
/// So many that nobody's score is under way twice.
const CUSTOMERS: usize = 500;
const MEDIAN_TIMES: f64 = 5.0;
const P99_TIMES: f64 = 20.0;
const PATIENCE: Duration = Duration::from_secs(30);

/// What was heard of a customer first.
#[derive(Clone, Copy, Debug)]
enum Heard {
    /// The answer to the notification.
    Answer(Instant),
    /// The score that follows from it.
    Score,
}

/// What was heard, and how long each score took after its answer.
#[derive(Debug, Default)]
struct Log {
    first: HashMap<String, Heard>,
    took: Vec<Duration>,
    /// Scores that could be read before the answer's last byte.
    early: usize,
}

impl Log {
    fn answered(&mut self, customer: String) {
        match self.first.remove(&customer) {
            Some(Heard::Score) => {
                self.took.push(Duration::ZERO);
                self.early += 1;
            }
            _ => drop(self.first.insert(customer, Heard::Answer(Instant::now()))),
        }
    }

    fn read(&mut self, customer: String) {
        match self.first.remove(&customer) {
            Some(Heard::Answer(at)) => self.took.push(at.elapsed()),
            _ => drop(self.first.insert(customer, Heard::Score)),
        }
    }
}

type Shared = Arc<Mutex<Log>>;

fn lock(log: &Shared) -> MutexGuard<'_, Log> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) async fn measure(stage: &mut Stage) -> Measured {
    let count = PER_SEC as usize * size("HARKEN_BENCH_SECS", 20);
    complain(&format!("freshness: {count} at {PER_SEC}/s"));
    let chain = Timing::from(chain(stage, count).await?);
    let customers = settle(stage).await?;
    let log = fresh(stage, customers, count).await?;
    let early = log.early;
    let fresh = Timing::from(log.took);
    let mut said = Measurement::default();
    let spread = |timing: &Timing| {
        format!(
            "median; 95 % within {:.1} ms, 99 % {:.1}",
            timing.p95_ms(),
            timing.permille_ms(990)
        )
    };
    said.say(
        "score readable after the answer",
        fresh.median_ms(),
        Unit::Millis,
        spread(&fresh),
    );
    said.say(
        "bare chain",
        chain.median_ms(),
        Unit::Millis,
        format!("publish, consume, commit: {}", spread(&chain)),
    );
    let goal = Goal::AtMost(MEDIAN_TIMES);
    let rate = format!(
        "{} at {PER_SEC}/s; {early} readable before the answer's last byte",
        grouped(count as f64)
    );
    said.hold(
        "median to that of the chain",
        (fresh.median_ms() / chain.median_ms(), goal),
        Unit::Times,
        rate,
    );
    let goal = Goal::AtMost(P99_TIMES);
    let (late, chain_late) = (fresh.permille_ms(990), chain.permille_ms(990));
    said.hold(
        "99 % to that of the chain",
        (late / chain_late, goal),
        Unit::Times,
        "",
    );
    Ok(said)
}

/// Customers with a conversation each, scored.
async fn settle(stage: &mut Stage) -> Result<Vec<String>> {
    let mut poster = Poster::new(stage.deployment.edge());
    let mut contacts = Vec::new();
    for _ in 0..CUSTOMERS {
        let contact = stage.story.contact_appears();
        let external_id = contact.record.external_id.clone();
        let conversation = stage.story.conversation_of(&external_id);
        for notification in [contact, conversation] {
            let bytes = request(
                &stage.workspace.path(),
                &stage.workspace.secret,
                &notification.body,
            );
            poster.send(&bytes).await.0?;
        }
        contacts.push(external_id);
    }
    applied(stage).await?;
    let last = customer(stage, contacts.last().context("nobody")?);
    let begun = Instant::now();
    while !is_scored(stage.deployment.tenant(), &last).await {
        if begun.elapsed() > PATIENCE {
            bail!("the customers were never scored");
        }
        sleep(Duration::from_millis(50)).await;
    }
    sleep(Duration::from_secs(2)).await;
    Ok(contacts)
}

fn customer(stage: &Stage, contact: &str) -> String {
    let connection = stage.workspace.connection.as_uuid();
    CustomerId::derive(&[connection.as_bytes(), contact.as_bytes()]).to_string()
}

async fn is_scored(tenant: &Tenant, customer_id: &str) -> bool {
    let request = GetScoreRequest {
        customer_id: customer_id.to_owned(),
    };
    let score = tenant.scoring().get_score(request).await;
    score.is_ok_and(|score| score.into_inner().points.is_some())
}

/// Opens one more conversation for one customer after the other, which moves their scores.
async fn fresh(stage: &mut Stage, contacts: Vec<String>, count: usize) -> Result<Log> {
    let log = Shared::default();
    let tenant = stage.deployment.tenant().clone();
    let watch = WatchScoresRequest {
        connection_id: stage.workspace.connection.to_string(),
        ..WatchScoresRequest::default()
    };
    let watched = tenant.scoring().watch_scores(watch).await?.into_inner();
    let mut watching = JoinSet::new();
    watching.spawn(read(watched, tenant, Arc::clone(&log)));

    let begun = Instant::now();
    let mut sending = JoinSet::new();
    for number in 0..count {
        let contact = &contacts[number % contacts.len()];
        let told = stage.story.conversation_of(contact);
        let bytes = request(&stage.workspace.path(), &stage.workspace.secret, &told.body);
        let customer = customer(stage, contact);
        let (edge, log) = (stage.deployment.edge(), Arc::clone(&log));
        sleep_until(due(begun, u32::try_from(number)?)).await;
        sending.spawn(async move {
            let (answer, _) = Poster::new(edge).send(&bytes).await;
            lock(&log).answered(customer);
            anyhow::Ok(answer?)
        });
    }
    while let Some(sent) = sending.join_next().await {
        sent??;
    }
    until_within(PATIENCE, "every score can be read", async || {
        (lock(&log).took.len() >= count).then_some(())
    })
    .await?;
    watching.abort_all();
    Ok(std::mem::take(&mut *lock(&log)))
}

/// Reads each score that the stream tells of.
async fn read(mut watched: Streaming<Score>, tenant: Tenant, log: Shared) -> Result<()> {
    let mut reading = JoinSet::new();
    while let Some(score) = watched.message().await? {
        let (tenant, log) = (tenant.clone(), Arc::clone(&log));
        reading.spawn(async move {
            let request = GetScoreRequest {
                customer_id: score.customer_id.clone(),
            };
            let read = tenant.scoring().get_score(request).await?.into_inner();
            ensure!(
                read.revision >= score.revision,
                "a score was told before it could be read"
            );
            lock(&log).read(score.customer_id);
            Ok(())
        });
        while let Some(read) = reading.try_join_next() {
            read??;
        }
    }
    Ok(())
}

/// One publish, one consume, one commit, as often and at the same rate.
async fn chain(stage: &mut Stage, count: usize) -> Result<Vec<Duration>> {
    let jetstream = jetstream::new(stage.deployment.nats.nats_client().await?);
    let config = Config {
        name: "CHAIN".to_owned(),
        subjects: vec!["chain.>".to_owned()],
        storage: StorageType::File,
        ..Config::default()
    };
    let stream = jetstream.create_stream(config).await?;
    let reader = pull::Config {
        durable_name: Some("chain".to_owned()),
        ..pull::Config::default()
    };
    let mut messages = stream.create_consumer(reader).await?.messages().await?;
    let mut database = stage.deployment.database().await?;
    sqlx::raw_sql("CREATE TABLE chain (id bigint PRIMARY KEY, body bytea NOT NULL)")
        .execute(&mut database)
        .await?;
    let bodies: Vec<Bytes> = (0..count).map(|_| stage.story.tell().body).collect();
    let begun = Instant::now();
    let mut publishing = JoinSet::new();
    publishing.spawn(publish(jetstream, bodies, begun));
    let mut took = Vec::with_capacity(count);
    while took.len() < count {
        let message = messages.next().await.context("the consumer ended")?;
        let message = message?;
        let number = number_of(&message).context("a stranger's message")?;
        let mut transaction = database.begin().await?;
        sqlx::query("INSERT INTO chain (id, body) VALUES ($1, $2)")
            .bind(i64::from(number))
            .bind(&message.payload[..])
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        took.push(due(begun, number).elapsed());
        if let Err(cause) = message.ack().await {
            bail!("{cause}");
        }
    }
    sqlx::raw_sql("DROP TABLE chain")
        .execute(&mut database)
        .await?;
    Ok(took)
}

/// Publishes each when it is due, whether or not the one before is acknowledged.
async fn publish(jetstream: jetstream::Context, bodies: Vec<Bytes>, begun: Instant) -> Result<()> {
    let mut publishing = JoinSet::new();
    for (number, body) in (0..).zip(bodies) {
        let jetstream = jetstream.clone();
        sleep_until(due(begun, number)).await;
        publishing.spawn(async move {
            let mut headers = HeaderMap::new();
            headers.insert("Nats-Msg-Id", format!("chain:{number}"));
            let stored = jetstream.publish_with_headers("chain.x", headers, body);
            stored.await?.await?;
            anyhow::Ok(())
        });
    }
    while let Some(published) = publishing.join_next().await {
        published??;
    }
    Ok(())
}

fn number_of(message: &async_nats::Message) -> Option<u32> {
    let id = message.headers.as_ref()?.get("Nats-Msg-Id")?;
    id.as_str().strip_prefix("chain:")?.parse().ok()
}

fn due(begun: Instant, number: u32) -> Instant {
    begun + Duration::from_secs(1) / PER_SEC * number
}
