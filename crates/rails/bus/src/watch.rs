//! Following subjects live.

use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig};
use futures::{Stream, StreamExt as _};
use harken_contracts::subjects::Subject;

use crate::names::stream_of;
use crate::{Bus, Delivery};

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
        let name = self.prefix.stream(first);
        let config = OrderedConfig {
            filter_subjects: filters
                .iter()
                .map(|f| self.prefix.subject(f.as_str()))
                .collect(),
            deliver_policy: match from {
                WatchFrom::New => DeliverPolicy::New,
                WatchFrom::Beginning => DeliverPolicy::All,
                WatchFrom::After(sequence) => DeliverPolicy::ByStartSequence {
                    start_sequence: sequence + 1,
                },
            },
            ..OrderedConfig::default()
        };
        let mut messages = self.follow(&name, config.clone()).await?;
        let bus = self.clone();
        Ok(async_stream::stream! {
            let mut last = None;
            loop {
                while let Some(next) = messages.next().await {
                    let Ok(message) = next else { break };
                    let Some(delivery) = Delivery::read(&message, &bus.prefix) else { continue };
                    last = Some(delivery.sequence);
                    yield delivery;
                }
                messages = bus.follow_again(&name, &config, last).await;
            }
        })
    }

    async fn follow(&self, stream: &str, config: OrderedConfig) -> Result<Ordered, WatchError> {
        let server = |cause: Box<dyn std::error::Error + Send + Sync>| WatchError::Server(cause);
        let consumer = self
            .jetstream
            .create_consumer_on_stream(config, stream)
            .await;
        let consumer = consumer.map_err(|cause| server(cause.into()))?;
        consumer
            .messages()
            .await
            .map_err(|cause| server(cause.into()))
    }

    /// Begins a watch again behind the last message that was seen, however long the server takes to come back.
    async fn follow_again(
        &self,
        stream: &str,
        config: &OrderedConfig,
        last: Option<u64>,
    ) -> Ordered {
        let mut config = config.clone();
        if let Some(last) = last {
            config.deliver_policy = DeliverPolicy::ByStartSequence {
                start_sequence: last + 1,
            };
        }
        loop {
            match self.follow(stream, config.clone()).await {
                Ok(messages) => return messages,
                Err(cause) => tracing::debug!(error = %cause, "watch cannot go on yet"),
            }
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
    }
}
