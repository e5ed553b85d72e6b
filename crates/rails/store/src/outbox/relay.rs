//! Publishes what is in the outbox.

use std::collections::BTreeMap;
use std::time::Duration;

use harken_bus::{Bus, Outgoing, headers};
use harken_contracts::subjects::Subject;
use harken_domain::{ConnectionId, OrganizationId};
use harken_runtime::Shutdown;
use sqlx::postgres::PgListener;
use sqlx::types::Json;
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use super::backlog;
use crate::Store;

/// Most events of one batch.
const BATCH: i64 = 256;
/// Most bytes of one batch beyond its first event.
const BATCH_BYTES: i64 = 8 * 1024 * 1024;
/// How long the relay sleeps when nobody wakes it.
const POLL: Duration = Duration::from_secs(1);
const MEASURE_EVERY: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A deletion need not survive a crash of Postgres: the event goes out again under the same id, which the bus drops.
const BEGIN: &str = "BEGIN; SET LOCAL synchronous_commit = off";

/// Publishes committed events, in the order they were posted, and deletes them once the bus has stored them. Several may
/// run at once; each event is stored once.
#[derive(Debug)]
pub struct Relay {
    store: Store,
    bus: Bus,
}

/// How a round ended.
enum Round {
    /// Nothing was waiting.
    Empty,
    /// Everything that was taken is stored.
    Stored,
    /// Some of it was not stored.
    Refused,
}

#[derive(sqlx::FromRow)]
struct Row {
    sequence: i64,
    message_id: Uuid,
    subject: String,
    event_type: String,
    organization_id: Uuid,
    connection_id: Uuid,
    headers: Json<BTreeMap<String, String>>,
    payload: Vec<u8>,
}

impl Relay {
    /// Relays from `store` to `bus`.
    pub fn new(store: Store, bus: Bus) -> Self {
        Self { store, bus }
    }

    /// Relays until `shutdown`, then once more what is left. Goes on by itself when Postgres or the bus come back.
    pub async fn run(self, shutdown: Shutdown) {
        let mut ears = Ears::default();
        let mut pause = Duration::ZERO;
        let mut measured = None::<Instant>;
        loop {
            let stopping = shutdown.is_requested();
            let round = self.round().await;
            if measured.is_none_or(|at| at.elapsed() > MEASURE_EVERY) {
                measured = Some(Instant::now());
                let _ = backlog::export(self.store.pool(), self.store.schema()).await;
            }
            match round {
                Ok(Round::Stored) => pause = Duration::ZERO,
                _ if stopping => return,
                Ok(Round::Empty) => {
                    pause = Duration::ZERO;
                    tokio::select! {
                        () = ears.hear(&self.store) => {}
                        () = shutdown.requested() => {}
                    }
                }
                Ok(Round::Refused) => pause = self.wait(pause, &shutdown).await,
                Err(cause) => {
                    tracing::warn!(schema = self.store.schema(), error = %cause, "outbox cannot be read");
                    pause = self.wait(pause, &shutdown).await;
                }
            }
        }
    }

    async fn wait(&self, pause: Duration, shutdown: &Shutdown) -> Duration {
        let pause = (pause * 2).clamp(Duration::from_millis(100), LONGEST_PAUSE);
        tokio::select! {
            () = sleep(pause) => {}
            () = shutdown.requested() => {}
        }
        pause
    }

    /// Takes, publishes and deletes one batch. Killed before the commit, it leaves every row for the next round, and the
    /// bus drops what it has already by its id.
    async fn round(&self) -> Result<Round, sqlx::Error> {
        let mut tx = self.store.begin_with(BEGIN).await?;
        let rows: Vec<Row> = sqlx::query_as(
            "WITH head AS (SELECT sequence, payload FROM outbox
                           ORDER BY sequence LIMIT $1 FOR UPDATE SKIP LOCKED),
                  sized AS (SELECT sequence, sum(octet_length(payload)) OVER (ORDER BY sequence) AS upto,
                                   row_number() OVER (ORDER BY sequence) AS place FROM head)
             SELECT sequence, message_id, subject, event_type, organization_id, connection_id, headers, payload
             FROM outbox JOIN sized USING (sequence)
             WHERE upto <= $2 OR place = 1
             ORDER BY sequence",
        )
        .bind(BATCH)
        .bind(BATCH_BYTES)
        .fetch_all(&mut *tx)
        .await?;
        if rows.is_empty() {
            return Ok(Round::Empty);
        }
        let sequences: Vec<i64> = rows.iter().map(|row| row.sequence).collect();
        let outcomes = self
            .bus
            .publish_all(rows.into_iter().map(Outgoing::from).collect())
            .await;
        let mut stored = Vec::with_capacity(sequences.len());
        let mut refused = 0_u32;
        for (sequence, outcome) in sequences.into_iter().zip(outcomes) {
            match outcome {
                Ok(_) => stored.push(sequence),
                Err(cause) => {
                    if refused == 0 {
                        let schema = self.store.schema();
                        tracing::warn!(schema, sequence, error = %cause, "event was not stored by the bus");
                    }
                    refused += 1;
                }
            }
        }
        let schema = self.store.schema();
        let count = u64::try_from(stored.len()).unwrap_or(u64::MAX);
        sqlx::query("DELETE FROM outbox WHERE sequence = ANY ($1)")
            .bind(stored)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        metrics::counter!("harken_outbox_relayed_total", "schema" => schema).increment(count);
        Ok(if refused == 0 {
            Round::Stored
        } else {
            Round::Refused
        })
    }
}

impl From<Row> for Outgoing {
    fn from(row: Row) -> Self {
        let Json(trace) = row.headers;
        let mut all: Vec<(String, String)> = trace.into_iter().collect();
        let organization = OrganizationId::from_uuid(row.organization_id);
        let connection = ConnectionId::from_uuid(row.connection_id);
        all.extend([
            (headers::EVENT.to_owned(), row.event_type),
            (headers::ORGANIZATION.to_owned(), organization.to_string()),
            (headers::CONNECTION.to_owned(), connection.to_string()),
        ]);
        Self {
            subject: Subject::from_wire(row.subject),
            message_id: row.message_id.to_string(),
            headers: all,
            payload: row.payload.into(),
        }
    }
}

/// Hears of new events. Deaf, the relay still looks once a second.
#[derive(Default)]
struct Ears {
    listener: Option<PgListener>,
}

impl Ears {
    async fn hear(&mut self, store: &Store) {
        let Some(listener) = &mut self.listener else {
            match listen(store).await {
                // What was posted before it listened was not announced to it: the relay looks again.
                Ok(listener) => self.listener = Some(listener),
                Err(_) => sleep(POLL).await,
            }
            return;
        };
        // Nothing heard within the poll is no error; a broken connection is, and is made anew.
        match timeout(POLL, listener.try_recv()).await {
            Ok(Err(_) | Ok(None)) => self.listener = None,
            // One look finds what all of them announce.
            Ok(Ok(Some(_))) => while listener.next_buffered().is_some() {},
            Err(_) => {}
        }
    }
}

async fn listen(store: &Store) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(store.ears()).await?;
    listener
        .listen(&format!("{}_outbox", store.schema()))
        .await?;
    Ok(listener)
}
