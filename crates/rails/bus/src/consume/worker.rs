//! The loop of one consumer.

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{DeliverPolicy, PullConsumer};
use harken_runtime::Shutdown;
use tokio::time::Instant;

use super::attempt::attempt;
use super::fetch::{FetchError, Fetcher};
use super::pace::{Pause, Progress};
use super::settle::settle;
use super::spec::ConsumerSpec;
use super::watchdog::Watchdog;
use super::{Disposition, Handler};
use crate::names::Prefix;
use crate::{Bus, Delivery};

impl Bus {
    /// Hands the messages of a durable consumer to `handler` until `shutdown` is requested and the last batch is settled.
    /// Goes on by itself whatever the server does meanwhile.
    pub async fn consume<H: Handler>(&self, spec: ConsumerSpec, handler: H, shutdown: Shutdown) {
        tokio::select! {
            () = self.work(&spec, &handler, &shutdown) => {}
            () = self.catch_given_up(&spec) => {}
        }
    }

    async fn work<H: Handler>(&self, spec: &ConsumerSpec, handler: &H, shutdown: &Shutdown) {
        let mut pause = Pause::default();
        while !shutdown.is_requested() {
            match self.consumer(spec).await {
                Ok(consumer) => {
                    let worker = Worker {
                        bus: self,
                        spec,
                        handler,
                        shutdown,
                    };
                    worker.run(&consumer, &mut pause).await;
                }
                Err(cause) => {
                    tracing::warn!(consumer = spec.name, error = %cause, "consumer cannot be made yet");
                    pause.wait(shutdown).await;
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
                    match self.take(messages).await {
                        Progress::Some => pause.reset(),
                        Progress::OldRefused => {}
                        // What all messages need is away, so all wait.
                        Progress::NewRefused => pause.wait(self.shutdown).await,
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

    /// Handles and settles a batch.
    async fn take(&self, messages: Vec<Message>) -> Progress {
        let begun = Instant::now();
        let count = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        let Sorted {
            messages,
            batch,
            mut settled,
        } = sort(messages, self.spec, &self.bus.prefix);
        let kept: Vec<&Message> = messages.iter().collect();
        let dispositions = if batch.is_empty() {
            Vec::new()
        } else {
            attempt(self.handler, self.spec, &batch, &kept).await
        };
        let progress = Progress::of(&batch, &dispositions);
        settled.extend(messages.into_iter().zip(dispositions));
        settle(self.bus, self.spec, settled).await;
        metrics::histogram!("harken_bus_batch_messages", "consumer" => self.spec.name)
            .record(f64::from(count));
        metrics::histogram!("harken_bus_batch_seconds", "consumer" => self.spec.name)
            .record(begun.elapsed().as_secs_f64());
        progress
    }
}

/// The messages of a batch.
#[derive(Default)]
struct Sorted {
    /// Those for the handler.
    messages: Vec<Message>,
    /// What the handler sees of each of them.
    batch: Vec<Delivery>,
    /// Those that are dead already.
    settled: Vec<(Message, Disposition)>,
}

fn sort(messages: Vec<Message>, spec: &ConsumerSpec, prefix: &Prefix) -> Sorted {
    let mut sorted = Sorted::default();
    for message in messages {
        let verdict = match Delivery::read(&message, prefix) {
            // It came so often without an answer that it may be what ends the process.
            Some(delivery) if delivery.deliveries > spec.attempts => {
                Disposition::dead("exhausted", "it was never answered for")
            }
            Some(delivery) => {
                sorted.messages.push(message);
                sorted.batch.push(delivery);
                continue;
            }
            None => Disposition::dead("malformed", "headers are missing"),
        };
        sorted.settled.push((message, verdict));
    }
    sorted
}
