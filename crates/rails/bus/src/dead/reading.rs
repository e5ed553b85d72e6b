//! Reading dead letters from one place upwards, headers alone.

use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use async_nats::jetstream::stream::Stream as Kept;
use futures::StreamExt as _;
use tokio::time::timeout;

use super::letter::{DeadLetter, DeadLetterError, unreadable};
use crate::connect::ANSWER_WITHIN;
use crate::delivery::{header, read_headers};

/// Letters asked for at once.
const AT_ONCE: usize = 256;
/// Told by the server where it sends headers alone.
const SIZE: &str = "Nats-Msg-Size";

/// Reads headers upwards to an end.
pub(super) struct Reading {
    /// None where nothing is selected.
    consumer: Option<PullConsumer>,
    /// Letters that lie ahead, beyond the end too.
    pub(super) ahead: u64,
    end: u64,
}

impl Reading {
    pub(super) async fn begin(
        kept: &Kept<()>,
        filter_subjects: Vec<String>,
        deliver_policy: DeliverPolicy,
        end: u64,
    ) -> Result<Self, DeadLetterError> {
        if filter_subjects.is_empty() {
            return Ok(Self {
                consumer: None,
                ahead: 0,
                end,
            });
        }
        let config = pull::Config {
            filter_subjects,
            deliver_policy,
            ack_policy: AckPolicy::None,
            headers_only: true,
            memory_storage: true,
            num_replicas: 1,
            inactive_threshold: Duration::from_secs(10),
            ..pull::Config::default()
        };
        let consumer = kept.create_consumer(config).await.map_err(unreadable)?;
        Ok(Self {
            ahead: consumer.cached_info().num_pending,
            consumer: Some(consumer),
            end,
        })
    }

    /// The next letters; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<DeadLetter>>, DeadLetterError> {
        if self.ahead == 0 {
            return Ok(None);
        }
        let messages = self.fetch(AT_ONCE).await?;
        let last = messages.last().and_then(sequence);
        if last.is_none_or(|last| last + 1 >= self.end) {
            self.ahead = 0;
        }
        let read = |message: &Message| {
            let info = message.info().ok()?;
            let headers = read_headers(message.headers.as_ref());
            let size = header(&headers, SIZE)?.parse().ok()?;
            DeadLetter::read(info.stream_sequence, &headers, info.published, size)
        };
        let letters = messages.iter().filter_map(read);
        Ok(Some(
            letters.filter(|letter| letter.id < self.end).collect(),
        ))
    }

    /// The id of the next letter, if there is one.
    pub(super) async fn next_id(&mut self) -> Result<Option<u64>, DeadLetterError> {
        Ok(self.fetch(1).await?.first().and_then(sequence))
    }

    async fn fetch(&mut self, most: usize) -> Result<Vec<Message>, DeadLetterError> {
        let Some(consumer) = self.consumer.as_ref().filter(|_| self.ahead > 0) else {
            return Ok(Vec::new());
        };
        let batch = consumer.fetch().max_messages(most).messages().await;
        let mut batch = batch.map_err(unreadable)?;
        let mut messages: Vec<Message> = Vec::new();
        let reading = async {
            while let Some(next) = batch.next().await {
                messages.push(next.map_err(DeadLetterError::Read)?);
            }
            Ok::<_, DeadLetterError>(())
        };
        let read = timeout(ANSWER_WITHIN, reading).await;
        read.map_err(unreadable)??;
        self.ahead = messages
            .last()
            .and_then(|last| Some(last.info().ok()?.pending))
            .unwrap_or(0);
        Ok(messages)
    }

    /// Left alone the server forgets it soon; told, at once.
    pub(super) async fn end(self, kept: &Kept<()>) {
        if let Some(consumer) = self.consumer {
            let name = &consumer.cached_info().name;
            if let Err(cause) = kept.delete_consumer(name).await {
                tracing::debug!(error = %cause, "a reader of dead letters was left to the server");
            }
        }
    }
}

fn sequence(message: &Message) -> Option<u64> {
    message.info().ok().map(|info| info.stream_sequence)
}
