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

/// Settles a message of each pair; all at once.
pub(super) async fn settle(bus: &Bus, spec: &ConsumerSpec, settled: Vec<(Message, Disposition)>) {
    join_all(
        settled
            .into_iter()
            .map(|(message, disposition)| one(bus, spec, message, disposition)),
    )
    .await;
}

async fn one(bus: &Bus, spec: &ConsumerSpec, message: Message, disposition: Disposition) {
    let deliveries = deliveries(&message);
    let disposition = match disposition {
        Disposition::Again { cause } if deliveries >= spec.attempts => Disposition::Dead {
            reason: "exhausted",
            error: cause,
        },
        other => other,
    };
    let (kind, outcome) = match disposition {
        Disposition::Done => (AckKind::Ack, "done"),
        Disposition::Again { cause } => {
            tracing::warn!(
                consumer = spec.name,
                cause,
                deliveries,
                "message comes again"
            );
            (AckKind::Nak(Some(delay(deliveries))), "again")
        }
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
    // Unconfirmed, the message comes again and is found claimed in the inbox.
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
