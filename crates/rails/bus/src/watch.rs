//! Following subjects live.

use std::time::Duration;

use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig};
use futures::{Stream, StreamExt as _};
use harken_contracts::subjects::{Stream as KeptStream, Subject};

use crate::names::stream_of;
use crate::{Bus, Delivery};

const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(500);

/// Where a watch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchFrom {
    /// With what is published from now on.
    New,
    /// With the oldest message kept.
    Beginning,
    /// With the message after this place in the stream.
    After(u64),
}

/// Why subjects cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// They belong to no stream, or to several.
    #[error("the subjects do not belong to one stream")]
    Subjects,
    /// The server does not let us.
    #[error("the subjects cannot be watched")]
    Server(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Bus {
    /// Follows `filters`, which belong to one stream. The watch stands when this returns, and goes on, without gap,
    /// through breaks of the connection.
    pub async fn watch(
        &self,
        filters: Vec<Subject>,
        from: WatchFrom,
    ) -> Result<impl Stream<Item = Delivery> + Send + use<>, WatchError> {
        let first = filters
            .first()
            .and_then(stream_of)
            .ok_or(WatchError::Subjects)?;
        if filters
            .iter()
            .any(|filter| stream_of(filter) != Some(first))
        {
            return Err(WatchError::Subjects);
        }
        let stream = self.prefix.stream(first);
        let subjects = filters
            .iter()
            .map(|filter| self.prefix.subject(filter.as_str()))
            .collect();
        let mut place = Place {
            bus: self.clone(),
            next: self.begin(&stream, from).await?,
            stream,
            subjects,
        };
        let mut connections = self.connections.clone();
        connections.mark_unchanged();
        let mut messages = place.follow().await?;
        Ok(async_stream::stream! {
            loop {
                let next = tokio::select! {
                    next = messages.next() => next,
                    // What was asked on the old connection may take long to fail.
                    _ = connections.changed() => None,
                };
                let Some(Ok(message)) = next else {
                    messages = place.follow_again().await;
                    continue;
                };
                if let Some(delivery) = Delivery::read(&message, &place.bus.prefix) {
                    place.next = delivery.sequence + 1;
                    yield delivery;
                }
            }
        })
    }

    /// The sequence of the first message that a watch sees.
    async fn begin(&self, stream: &str, from: WatchFrom) -> Result<u64, WatchError> {
        match from {
            WatchFrom::Beginning => Ok(1),
            WatchFrom::After(sequence) => Ok(sequence + 1),
            WatchFrom::New => Ok(self.last_sequence(stream).await? + 1),
        }
    }

    /// The place of the last message that a stream was given; 0 before the first.
    pub async fn position(&self, stream: KeptStream) -> Result<u64, WatchError> {
        self.last_sequence(&self.prefix.stream(stream)).await
    }

    async fn last_sequence(&self, stream: &str) -> Result<u64, WatchError> {
        let info = self.jetstream.get_stream(stream).await;
        let info = info.map_err(|cause| WatchError::Server(cause.into()))?;
        Ok(info.cached_info().state.last_sequence)
    }
}

/// Where a watch is.
struct Place {
    bus: Bus,
    stream: String,
    subjects: Vec<String>,
    /// The sequence of the next message it has not seen.
    next: u64,
}

impl Place {
    async fn follow(&self) -> Result<Ordered, WatchError> {
        let config = OrderedConfig {
            filter_subjects: self.subjects.clone(),
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: self.next,
            },
            ..OrderedConfig::default()
        };
        let made = self
            .bus
            .jetstream
            .create_consumer_on_stream(config, &self.stream)
            .await;
        let consumer = made.map_err(|cause| WatchError::Server(cause.into()))?;
        consumer
            .messages()
            .await
            .map_err(|cause| WatchError::Server(cause.into()))
    }

    /// Goes on behind the last message that was seen, however long the server takes to come back.
    async fn follow_again(&self) -> Ordered {
        loop {
            match self.follow().await {
                Ok(messages) => return messages,
                Err(cause) => tracing::debug!(error = %cause, "watch cannot go on yet"),
            }
            tokio::time::sleep(BETWEEN_ATTEMPTS).await;
        }
    }
}
