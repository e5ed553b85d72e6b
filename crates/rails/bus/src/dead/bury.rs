use async_nats::jetstream::Message;
use bytes::Bytes;
use harken_contracts::subjects;
use harken_domain::ConnectionId;

use super::epitaph::Epitaph;
use crate::delivery::{header, read_headers};
use crate::publish::{Outgoing, PublishError};
use crate::{Bus, headers};

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

/// A message to be buried.
#[derive(Debug)]
pub(super) struct Remains {
    /// Where it was told, as the server knows it.
    pub(super) subject: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) payload: Bytes,
    /// Its place in its stream.
    pub(super) sequence: u64,
    /// How often it was delivered.
    pub(super) deliveries: u64,
}

impl Remains {
    fn of(message: &Message) -> Self {
        let info = message.info().ok();
        Self {
            subject: message.subject.to_string(),
            headers: read_headers(message.headers.as_ref()),
            payload: message.payload.clone(),
            sequence: info.as_ref().map_or(0, |info| info.stream_sequence),
            deliveries: info.map_or(0, |info| u64::try_from(info.delivered).unwrap_or(0)),
        }
    }
}

impl Bus {
    /// Stores a message whole among the dead, with its verdict. Doing so twice stores once.
    pub(crate) async fn bury(
        &self,
        message: &Message,
        verdict: &Verdict,
    ) -> Result<(), PublishError> {
        self.bury_remains(Remains::of(message), verdict).await
    }

    pub(super) async fn bury_remains(
        &self,
        remains: Remains,
        verdict: &Verdict,
    ) -> Result<(), PublishError> {
        let Remains {
            subject,
            headers: mut kept,
            payload,
            sequence,
            deliveries,
        } = remains;
        let connection = header(&kept, headers::CONNECTION).and_then(|id| id.parse().ok());
        let message_id =
            header(&kept, headers::MESSAGE).or_else(|| header(&kept, headers::MESSAGE_ID));
        let epitaph = Epitaph {
            subject: self.prefix.strip(&subject).to_string(),
            message_id: message_id.unwrap_or_default().to_owned(),
            deliveries,
            consumer: verdict.consumer.to_owned(),
            reason: verdict.reason.to_owned(),
            error: verdict.error.clone(),
        };
        kept.retain(|(name, _)| !name.eq_ignore_ascii_case(headers::MESSAGE_ID));
        kept.extend(epitaph.into_headers(sequence));
        let service = verdict
            .consumer
            .split('-')
            .next()
            .unwrap_or(verdict.consumer);
        let outgoing = Outgoing {
            subject: subjects::dead(service, verdict.reason, connection.unwrap_or_else(nobody)),
            message_id: format!("dead.{}.{subject}.{sequence}", verdict.consumer),
            headers: kept,
            payload,
        };
        if self.publish(outgoing).await?.duplicate {
            return Ok(());
        }
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
            subject,
            sequence,
            "message is dead"
        );
        Ok(())
    }
}

/// Stands where a message names no connection.
fn nobody() -> ConnectionId {
    ConnectionId::derive(&[])
}
