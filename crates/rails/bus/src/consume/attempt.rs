//! Calling the handler so that whatever it does, every message ends with a disposition.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_nats::jetstream::{AckKind, Message};
use futures::FutureExt as _;
use futures::future::join_all;
use harken_telemetry::trace_context;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tracing::Instrument as _;

use super::spec::ConsumerSpec;
use super::{Disposition, Handler};
use crate::Delivery;

/// Signs of life per `ack_wait`.
const BEATS: u32 = 3;
/// Attempts after which a message that makes the handler panic or hang by itself is dead.
const POISONOUS_AFTER: u64 = 3;

/// Why the handler gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    Panicked,
    Stuck,
    /// It answered for another number of messages.
    Miscounted,
}

/// Hands the batch over. If the handler fails, hands its messages over one by one, so that a poisonous one dies alone.
pub(super) async fn attempt<H: Handler>(
    handler: &H,
    spec: &ConsumerSpec,
    batch: &[Delivery],
    messages: &[&Message],
) -> Vec<Disposition> {
    match call(handler, spec, batch, messages).await {
        Ok(dispositions) => dispositions,
        Err(failure) if batch.len() == 1 => vec![alone(failure, &batch[0])],
        Err(failure) => {
            tracing::warn!(
                consumer = spec.name,
                ?failure,
                "batch failed; trying its messages one by one"
            );
            let mut dispositions = Vec::with_capacity(batch.len());
            for (at, delivery) in batch.iter().enumerate() {
                let one = std::slice::from_ref(delivery);
                let answer = call(handler, spec, one, &messages[at..]).await;
                dispositions.push(match answer {
                    Ok(mut answer) => answer.remove(0),
                    Err(failure) => alone(failure, delivery),
                });
            }
            dispositions
        }
    }
}

/// Calls the handler within its patience while heartbeats keep `messages`.
async fn call<H: Handler>(
    handler: &H,
    spec: &ConsumerSpec,
    batch: &[Delivery],
    messages: &[&Message],
) -> Result<Vec<Disposition>, Failure> {
    let span = tracing::info_span!(
        "bus.batch.handle",
        otel.kind = "consumer",
        consumer = spec.name,
        messages = batch.len(),
    );
    if let Some(first) = batch.first() {
        trace_context::continue_from(&span, &first.headers);
    }
    let work = AssertUnwindSafe(handler.handle(batch))
        .catch_unwind()
        .instrument(span);
    let answer = tokio::select! {
        answer = timeout(spec.patience, work) => answer,
        never = keep(messages, spec.ack_wait) => match never {},
    };
    match answer {
        Ok(Ok(dispositions)) if dispositions.len() == batch.len() => Ok(dispositions),
        Ok(Ok(_)) => Err(Failure::Miscounted),
        Ok(Err(_)) => Err(Failure::Panicked),
        Err(_) => Err(Failure::Stuck),
    }
}

/// Tells the server, for ever, that the messages are being worked on.
async fn keep(messages: &[&Message], ack_wait: Duration) -> std::convert::Infallible {
    let every = ack_wait / BEATS;
    let mut beat = interval_at(Instant::now() + every, every);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let beats = messages
            .iter()
            .map(|message| message.ack_with(AckKind::Progress));
        // A lost beat is made up by the next one; messages that come again are claimed once.
        let _ = timeout(Duration::from_secs(5), join_all(beats)).await;
    }
}

fn alone(failure: Failure, delivery: &Delivery) -> Disposition {
    let (reason, error) = match failure {
        Failure::Panicked => ("panic", "the handler panicked"),
        Failure::Stuck => ("stuck", "the handler did not end in time"),
        Failure::Miscounted => (
            "miscounted",
            "the handler answered for another number of messages",
        ),
    };
    if delivery.deliveries < POISONOUS_AFTER {
        Disposition::again(error)
    } else {
        Disposition::dead(reason, error)
    }
}
