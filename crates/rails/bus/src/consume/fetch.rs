//! The next batch. Every pull request is read to its end, so that no message is lost on the way and waits out its
//! `ack_wait`; and none is waited for longer than the server needs, or beyond the connection it was asked on.

use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::consumer::pull::{Batch, BatchError};
use futures::StreamExt as _;
use harken_runtime::Shutdown;
use tokio::sync::watch;
use tokio::time::timeout;

use super::spec::ConsumerSpec;

/// How long an idle consumer waits before it looks around; also how long a stop may take.
const IDLE: Duration = Duration::from_secs(2);
/// How long beyond its own end a request may take to tell that it ended.
const GRACE: Duration = Duration::from_secs(2);
/// Most bytes of a batch.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Why no messages could be fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("messages cannot be asked for")]
    Ask(#[from] BatchError),
    #[error("the server ended the request")]
    Ended(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the server does not answer")]
    Silent,
    #[error("the connection was made anew")]
    Reconnected,
}

/// Asks for batches of one consumer.
pub(super) struct Fetcher<'a> {
    pub(super) consumer: &'a PullConsumer,
    pub(super) spec: &'a ConsumerSpec,
    pub(super) connections: watch::Receiver<u64>,
}

impl Fetcher<'_> {
    /// Waits for messages, at most two seconds; none if there are none. The first message after a silence comes alone
    /// and at once, and those behind it together, unless the batch may wait to fill up.
    pub(super) async fn next(&mut self, shutdown: &Shutdown) -> Result<Vec<Message>, FetchError> {
        self.connections.mark_unchanged();
        let mut messages = self.at_hand(self.spec.batch).await?;
        if messages.is_empty() && !shutdown.is_requested() {
            messages = self.within(IDLE, 1).await?;
        }
        let room = self.spec.batch - messages.len();
        let fills_up = !self.spec.max_wait.is_zero() && room > 0;
        if fills_up && !messages.is_empty() && !shutdown.is_requested() {
            let more = self.within(self.spec.max_wait, room).await;
            // The messages that are here already are ours, whatever became of the second request.
            messages.extend(more.unwrap_or_default());
        }
        Ok(messages)
    }

    /// What the server has right now.
    async fn at_hand(&mut self, most: usize) -> Result<Vec<Message>, FetchError> {
        let fetch = self
            .consumer
            .fetch()
            .max_messages(most)
            .max_bytes(MOST_BYTES);
        let batch = fetch.messages().await?;
        self.read(batch, GRACE).await
    }

    /// What comes within `wait`.
    async fn within(&mut self, wait: Duration, most: usize) -> Result<Vec<Message>, FetchError> {
        let batch = self
            .consumer
            .batch()
            .max_messages(most)
            .max_bytes(MOST_BYTES);
        let batch = batch.expires(wait).messages().await?;
        self.read(batch, wait + GRACE).await
    }

    /// Reads a request to its end. What came before it broke is kept.
    async fn read(
        &mut self,
        mut batch: Batch,
        patience: Duration,
    ) -> Result<Vec<Message>, FetchError> {
        let mut messages = Vec::new();
        let collect = async {
            while let Some(next) = batch.next().await {
                messages.push(next.map_err(FetchError::Ended)?);
            }
            Ok(())
        };
        let ended = tokio::select! {
            ended = timeout(patience, collect) => ended.unwrap_or(Err(FetchError::Silent)),
            _ = self.connections.changed() => Err(FetchError::Reconnected),
        };
        match ended {
            Err(cause) if messages.is_empty() => Err(cause),
            _ => Ok(messages),
        }
    }
}
