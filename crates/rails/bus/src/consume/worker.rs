//! The loop of one consumer.

use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{DeliverPolicy, PullConsumer};
use harken_runtime::Shutdown;
use tokio::time::Instant;

use super::attempt::attempt;
use super::fetch::{FetchError, Fetcher};
use super::settle::settle;
use super::spec::ConsumerSpec;
use super::watchdog::Watchdog;
use super::{Disposition, Handler};
use crate::{Bus, Delivery};

/// The pause after the first failure in a row; it doubles up to the longest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

impl Bus {
    /// Hands the messages of a durable consumer to `handler` until `shutdown` is requested and the last batch is settled.
    /// Goes on by itself whatever the server does meanwhile.
    pub async fn consume<H: Handler>(&self, spec: ConsumerSpec, handler: H, shutdown: Shutdown) {
        let mut pause = Pause::default();
        while !shutdown.is_requested() {
            match self.consumer(&spec).await {
                Ok(consumer) => {
                    let worker = Worker {
                        bus: self,
                        spec: &spec,
                        handler: &handler,
                        shutdown: &shutdown,
                    };
                    worker.run(&consumer, &mut pause).await;
                }
                Err(cause) => {
                    tracing::warn!(consumer = spec.name, error = %cause, "consumer cannot be made yet");
                    pause.wait(&shutdown).await;
                }
            }
        }
    }

    /// The durable consumer, made if it is not there. One that exists keeps its place.
    async fn consumer(
        &self,
        spec: &ConsumerSpec,
    ) -> Result<PullConsumer, async_nats::jetstream::stream::ConsumerError> {
        let stream = self.prefix.stream(spec.stream);
        let config = spec.config(&self.prefix, DeliverPolicy::All);
        self.jetstream
            .create_consumer_on_stream(config, stream)
            .await
    }
}

struct Worker<'a, H> {
    bus: &'a Bus,
    spec: &'a ConsumerSpec,
    handler: &'a H,
    shutdown: &'a Shutdown,
}

impl<H: Handler> Worker<'_, H> {
    /// Takes batches until the shutdown, or until the consumer has to be made anew.
    async fn run(&self, consumer: &PullConsumer, pause: &mut Pause) {
        let mut watchdog = Watchdog::new();
        let mut fetcher = Fetcher {
            consumer,
            spec: self.spec,
            connections: self.bus.connections.clone(),
        };
        while !self.shutdown.is_requested() {
            match fetcher.next(self.shutdown).await {
                Ok(messages) if messages.is_empty() => {}
                Ok(messages) => {
                    watchdog.fed();
                    if self.take(messages).await {
                        pause.reset();
                    } else {
                        // Nothing got through: what all messages need is away, so all wait.
                        pause.wait(self.shutdown).await;
                    }
                }
                Err(FetchError::Reconnected) => return,
                Err(cause) => {
                    tracing::warn!(consumer = self.spec.name, error = %cause, "no messages for now");
                    pause.wait(self.shutdown).await;
                    return;
                }
            }
            if watchdog.is_starving(consumer, self.spec).await {
                tracing::warn!(
                    consumer = self.spec.name,
                    "messages wait but none come; making the consumer anew"
                );
                metrics::counter!("harken_bus_consumer_remade_total", "consumer" => self.spec.name)
                    .increment(1);
                return;
            }
        }
    }

    /// Handles and settles a batch; whether any message got through.
    async fn take(&self, messages: Vec<Message>) -> bool {
        let begun = Instant::now();
        let mut foreign = Vec::new();
        let mut ours = Vec::with_capacity(messages.len());
        for message in messages {
            match Delivery::read(&message, &self.bus.prefix) {
                Some(delivery) => ours.push((message, delivery)),
                None => foreign.push((
                    message,
                    Disposition::dead("malformed", "headers are missing"),
                )),
            }
        }
        let (messages, batch): (Vec<_>, Vec<_>) = ours.into_iter().unzip();
        let kept: Vec<&Message> = messages.iter().collect();
        let dispositions = if batch.is_empty() {
            Vec::new()
        } else {
            attempt(self.handler, self.spec, &batch, &kept).await
        };
        let through = dispositions.is_empty()
            || dispositions
                .iter()
                .any(|d| !matches!(d, Disposition::Again { .. }));
        foreign.extend(messages.into_iter().zip(dispositions));
        let count = u32::try_from(foreign.len()).unwrap_or(u32::MAX);
        settle(self.bus, self.spec, foreign).await;
        metrics::histogram!("harken_bus_batch_messages", "consumer" => self.spec.name)
            .record(f64::from(count));
        metrics::histogram!("harken_bus_batch_seconds", "consumer" => self.spec.name)
            .record(begun.elapsed().as_secs_f64());
        through
    }
}

/// A wait that grows with each failure in a row.
#[derive(Debug)]
struct Pause {
    next: Duration,
}

impl Default for Pause {
    fn default() -> Self {
        Self {
            next: SHORTEST_PAUSE,
        }
    }
}

impl Pause {
    fn reset(&mut self) {
        self.next = SHORTEST_PAUSE;
    }

    async fn wait(&mut self, shutdown: &Shutdown) {
        tokio::select! {
            () = tokio::time::sleep(self.next) => {}
            () = shutdown.requested() => {}
        }
        self.next = LONGEST_PAUSE.min(self.next * 2);
    }
}
