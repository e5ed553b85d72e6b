//! Messages out.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::context::{PublishAckFuture, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use bytes::Bytes;
use futures::future::join_all;
use harken_contracts::events::{Event, InvalidEvent};
use harken_contracts::subjects::Subject;
use harken_telemetry::trace_context;
use tokio::time::{Instant, timeout_at};

use crate::{Bus, headers};

/// How long the server may take to store a message.
pub(crate) const STORE_WITHIN: Duration = Duration::from_secs(5);
/// Most bytes of a payload; the rest of the server's usual limit of 1 MiB is for headers.
pub const MAX_PAYLOAD_BYTES: usize = 960 * 1024;

/// A message to publish.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Where to.
    pub subject: Subject,
    /// The same id within ten minutes is stored once.
    pub message_id: String,
    /// Headers, the trace context among them.
    pub headers: Vec<(String, String)>,
    /// The event, encoded.
    pub payload: Bytes,
}

impl Outgoing {
    /// The message that carries `event`, within the current trace.
    pub fn of<E: Event>(message_id: impl Into<String>, event: &E) -> Result<Self, InvalidEvent> {
        let address = event.address()?;
        let mut headers = trace_context::inject();
        headers.extend([
            (headers::EVENT.to_owned(), E::TYPE.to_owned()),
            (
                headers::ORGANIZATION.to_owned(),
                address.organization.to_string(),
            ),
            (
                headers::CONNECTION.to_owned(),
                address.connection.to_string(),
            ),
        ]);
        Ok(Self {
            subject: address.subject,
            message_id: message_id.into(),
            headers,
            payload: event.encode_to_vec().into(),
        })
    }
}

/// A message that the server has stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its place in its stream.
    pub sequence: u64,
    /// Whether it was there already.
    pub duplicate: bool,
}

/// Why a message was not stored, as far as we know: after a timeout it may yet be.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// No answer in time; publish again under the same id.
    #[error("the bus did not confirm in time")]
    TimedOut,
    /// The stream is full, or the server refuses for another reason.
    #[error("the bus refused the message")]
    Refused(#[source] async_nats::jetstream::context::PublishError),
    /// It will never fit.
    #[error("the message is larger than the bus takes")]
    TooLarge,
    /// A header cannot be written.
    #[error("a header of the message cannot be written")]
    Header,
}

impl Bus {
    /// Publishes a message and waits until it is stored.
    pub async fn publish(&self, message: Outgoing) -> Result<Stored, PublishError> {
        self.publish_by(message, Instant::now() + STORE_WITHIN)
            .await
    }

    /// Publishes a message and waits until it is stored, for those who cannot wait longer than `by`.
    pub async fn publish_by(&self, message: Outgoing, by: Instant) -> Result<Stored, PublishError> {
        let ack = self.send(message, by).await?;
        confirmed(ack, by).await
    }

    /// Publishes messages in order, all under way at once; answers one result for each.
    pub async fn publish_all(&self, messages: Vec<Outgoing>) -> Vec<Result<Stored, PublishError>> {
        let by = Instant::now() + STORE_WITHIN;
        let mut sent = Vec::with_capacity(messages.len());
        for message in messages {
            sent.push(self.send(message, by).await);
        }
        let confirmations = sent
            .into_iter()
            .map(|ack| async move { confirmed(ack?, by).await });
        join_all(confirmations).await
    }

    async fn send(&self, message: Outgoing, by: Instant) -> Result<PublishAckFuture, PublishError> {
        let subject = self.prefix.subject(message.subject.as_str());
        let publish = PublishMessage::build()
            .headers(header_map(&message.headers)?)
            .message_id(&message.message_id)
            .payload(message.payload);
        match timeout_at(by, self.jetstream.send_publish(subject, publish)).await {
            Ok(sent) => sent.map_err(refused),
            Err(_) => Err(PublishError::TimedOut),
        }
    }
}

async fn confirmed(ack: PublishAckFuture, by: Instant) -> Result<Stored, PublishError> {
    let counted = |outcome: &'static str| {
        metrics::counter!("harken_bus_published_total", "outcome" => outcome).increment(1);
    };
    match timeout_at(by, ack.into_future()).await {
        Ok(Ok(ack)) => {
            counted(if ack.duplicate { "duplicate" } else { "stored" });
            Ok(Stored {
                sequence: ack.sequence,
                duplicate: ack.duplicate,
            })
        }
        Ok(Err(cause)) => {
            counted("refused");
            Err(refused(cause))
        }
        Err(_) => {
            counted("timed_out");
            Err(PublishError::TimedOut)
        }
    }
}

fn refused(cause: async_nats::jetstream::context::PublishError) -> PublishError {
    match cause.kind() {
        PublishErrorKind::TimedOut => PublishError::TimedOut,
        PublishErrorKind::MaxPayloadExceeded => PublishError::TooLarge,
        _ => PublishError::Refused(cause),
    }
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, PublishError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name: async_nats::HeaderName = name.parse().map_err(|_| PublishError::Header)?;
        let value: async_nats::HeaderValue = value.parse().map_err(|_| PublishError::Header)?;
        map.insert(name, value);
    }
    Ok(map)
}
