//! Messages that nobody could take, kept whole.

use async_nats::jetstream::Message;
use harken_contracts::subjects;
use harken_domain::ConnectionId;

use crate::delivery::read_headers;
use crate::names::Prefix;
use crate::publish::{Outgoing, PublishError};
use crate::{Bus, headers};

/// Longest error that is kept, in bytes.
const LONGEST_ERROR: usize = 1024;

/// Why a message is dead.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// Name of the consumer, such as `scoring-records`.
    pub(crate) consumer: &'static str,
    /// A word from the consumer's short list.
    pub(crate) reason: &'static str,
    /// What went wrong.
    pub(crate) error: String,
}

impl Bus {
    /// Stores a message whole among the dead, with its verdict. Doing so twice stores once.
    pub(crate) async fn bury(
        &self,
        message: &Message,
        verdict: &Verdict,
    ) -> Result<(), PublishError> {
        let service = verdict
            .consumer
            .split('-')
            .next()
            .unwrap_or(verdict.consumer);
        let mut kept = read_headers(message);
        let connection = kept.iter().find(|(name, _)| name == headers::CONNECTION);
        let connection = connection.and_then(|(_, id)| id.parse().ok());
        let connection = connection.unwrap_or_else(nobody);
        kept.retain(|(name, _)| !name.eq_ignore_ascii_case(headers::MESSAGE_ID));
        kept.extend(epitaph(message, verdict, &self.prefix));
        let place = message.info().map_or(0, |info| info.stream_sequence);
        let outgoing = Outgoing {
            subject: subjects::dead(service, verdict.reason, connection),
            message_id: format!("dead.{}.{}.{place}", verdict.consumer, message.subject),
            headers: kept,
            payload: message.payload.clone(),
        };
        self.publish(outgoing).await?;
        metrics::counter!(
            "harken_bus_dead_total",
            "consumer" => verdict.consumer,
            "reason" => verdict.reason,
        )
        .increment(1);
        tracing::error!(
            consumer = verdict.consumer,
            reason = verdict.reason,
            error = verdict.error,
            subject = %message.subject,
            sequence = place,
            "message is dead"
        );
        Ok(())
    }
}

fn epitaph(message: &Message, verdict: &Verdict, prefix: &Prefix) -> Vec<(String, String)> {
    let info = message.info().ok();
    let deliveries = info.as_ref().map_or(0, |info| info.delivered);
    let sequence = info.as_ref().map_or(0, |info| info.stream_sequence);
    let id = message
        .headers
        .as_ref()
        .and_then(|map| map.get(headers::MESSAGE_ID));
    [
        (
            "harken-dead-subject",
            prefix.strip(&message.subject).to_string(),
        ),
        (
            "harken-dead-message",
            id.map_or_else(String::new, ToString::to_string),
        ),
        ("harken-dead-sequence", sequence.to_string()),
        ("harken-dead-deliveries", deliveries.to_string()),
        ("harken-dead-consumer", verdict.consumer.to_owned()),
        ("harken-dead-reason", verdict.reason.to_owned()),
        ("harken-dead-error", one_line(&verdict.error)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// A header holds one line.
fn one_line(error: &str) -> String {
    let line = error.replace(['\r', '\n'], " ");
    let end = (0..=LONGEST_ERROR.min(line.len()))
        .rev()
        .find(|end| line.is_char_boundary(*end));
    line[..end.unwrap_or(0)].to_owned()
}

/// Stands where a message names no connection.
fn nobody() -> ConnectionId {
    ConnectionId::derive(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_fits_a_header_whatever_it_says() {
        assert_eq!(one_line("a\r\nb"), "a  b");
        let long = one_line(&"ä".repeat(2000));
        assert!(long.len() <= LONGEST_ERROR);
        assert!(long.chars().all(|letter| letter == 'ä'));
    }
}
