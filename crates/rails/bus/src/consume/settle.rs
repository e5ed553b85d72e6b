//! Telling the server what became of each message.

use std::time::Duration;

use async_nats::jetstream::{AckKind, Message};
use futures::future::join_all;
use tokio::time::timeout;

use super::Disposition;
use super::spec::ConsumerSpec;
use crate::Bus;
use crate::dead::Verdict;

const CONFIRM_WITHIN: Duration = Duration::from_secs(5);
/// The longest a message waits for its next attempt.
const LONGEST_DELAY: Duration = Duration::from_mins(2);

/// Settles each message as its disposition says; all at once.
pub(super) async fn settle(bus: &Bus, spec: &ConsumerSpec, settled: Vec<(Message, Disposition)>) {
    tell_refused(spec, &settled);
    let (done, others): (Vec<_>, Vec<_>) = settled
        .into_iter()
        .partition(|(_, disposition)| *disposition == Disposition::Done);
    let done: Vec<Message> = done.into_iter().map(|(message, _)| message).collect();
    let others = others
        .into_iter()
        .map(|(message, what)| one(bus, spec, message, what));
    tokio::join!(acknowledge(spec, &done), join_all(others));
}

/// Acknowledges all, and waits for the confirmation of the last: the server takes them in turn, so it has them all.
async fn acknowledge(spec: &ConsumerSpec, done: &[Message]) {
    let Some((last, before)) = done.split_last() else {
        return;
    };
    let count = u64::try_from(done.len()).unwrap_or(u64::MAX);
    metrics::counter!("harken_bus_messages_total", "consumer" => spec.name, "outcome" => "done")
        .increment(count);
    for message in before {
        if let Err(cause) = message.ack().await {
            tracing::debug!(consumer = spec.name, error = %cause, "not acknowledged");
        }
    }
    confirm(spec, last, AckKind::Ack).await;
}

/// One line per batch: what stands in the way is mostly the same for all.
fn tell_refused(spec: &ConsumerSpec, settled: &[(Message, Disposition)]) {
    let mut causes = settled
        .iter()
        .filter_map(|(_, disposition)| match disposition {
            Disposition::Again { cause } => Some(cause),
            _ => None,
        });
    if let Some(cause) = causes.next() {
        let messages = causes.count() + 1;
        tracing::warn!(consumer = spec.name, cause, messages, "messages come again");
    }
}

async fn one(bus: &Bus, spec: &ConsumerSpec, message: Message, disposition: Disposition) {
    let deliveries = deliveries(&message);
    let disposition = match disposition {
        Disposition::Again { cause } if deliveries >= spec.attempts => {
            Disposition::dead("exhausted", cause)
        }
        other => other,
    };
    let (kind, outcome) = match disposition {
        Disposition::Done => (AckKind::Ack, "done"),
        Disposition::Again { .. } => (AckKind::Nak(Some(delay(deliveries))), "again"),
        Disposition::Dead { reason, error } => {
            let verdict = Verdict {
                consumer: spec.name,
                reason,
                error,
            };
            match bus.bury(&message, &verdict).await {
                Ok(()) => (AckKind::Term, "dead"),
                Err(cause) => {
                    tracing::warn!(consumer = spec.name, error = %cause, "dead letter was not stored");
                    (AckKind::Nak(Some(delay(deliveries))), "again")
                }
            }
        }
    };
    metrics::counter!("harken_bus_messages_total", "consumer" => spec.name, "outcome" => outcome)
        .increment(1);
    confirm(spec, &message, kind).await;
}

/// Tells the server and waits until it has heard. Unconfirmed, the message comes again and is found claimed in the inbox.
async fn confirm(spec: &ConsumerSpec, message: &Message, kind: AckKind) {
    match timeout(CONFIRM_WITHIN, message.double_ack_with(kind)).await {
        Ok(Ok(())) => {}
        Ok(Err(cause)) => tracing::debug!(consumer = spec.name, error = %cause, "not confirmed"),
        Err(_) => tracing::debug!(consumer = spec.name, "not confirmed in time"),
    }
}

pub(super) fn deliveries(message: &Message) -> u64 {
    message
        .info()
        .map_or(1, |info| u64::try_from(info.delivered).unwrap_or(1))
}

/// One second, doubling with each delivery, up to two minutes.
fn delay(deliveries: u64) -> Duration {
    let doublings = u32::try_from(deliveries.saturating_sub(1))
        .unwrap_or(u32::MAX)
        .min(16);
    LONGEST_DELAY.min(Duration::from_secs(1) * 2_u32.pow(doublings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_comes_again_later_each_time_up_to_two_minutes() {
        let secs: Vec<_> = [1, 2, 3, 7, 8, 60, u64::MAX]
            .map(|n| delay(n).as_secs())
            .into();
        assert_eq!(secs, [1, 2, 4, 64, 120, 120, 120]);
    }
}
