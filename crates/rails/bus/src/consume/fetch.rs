//! The next batch. Every pull request is read to its end, so that no message is lost on the way and waits out its `ack_wait`.

use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::consumer::pull::Batch;
use futures::StreamExt as _;
use harken_runtime::Shutdown;

use super::spec::ConsumerSpec;

/// How long an idle consumer waits before it looks around; also how long a stop may take.
const IDLE: Duration = Duration::from_secs(2);
/// Most bytes of a batch.
const MOST_BYTES: usize = 16 * 1024 * 1024;

type FetchError = Box<dyn std::error::Error + Send + Sync>;

/// Waits for messages, at most two seconds; none if there are none.
pub(super) async fn next(
    consumer: &PullConsumer,
    spec: &ConsumerSpec,
    shutdown: &Shutdown,
) -> Result<Vec<Message>, FetchError> {
    let mut messages = at_hand(consumer, spec.batch).await?;
    if messages.is_empty() && !shutdown.is_requested() {
        collect(
            consumer
                .batch()
                .max_messages(1)
                .expires(IDLE)
                .messages()
                .await?,
            &mut messages,
        )
        .await?;
    }
    if !messages.is_empty() && messages.len() < spec.batch && !shutdown.is_requested() {
        let room = spec.batch - messages.len();
        let more = if spec.max_wait.is_zero() {
            consumer
                .fetch()
                .max_messages(room)
                .max_bytes(MOST_BYTES)
                .messages()
                .await?
        } else {
            let batch = consumer.batch().max_messages(room).max_bytes(MOST_BYTES);
            batch.expires(spec.max_wait).messages().await?
        };
        collect(more, &mut messages).await?;
    }
    Ok(messages)
}

async fn at_hand(consumer: &PullConsumer, most: usize) -> Result<Vec<Message>, FetchError> {
    let mut messages = Vec::with_capacity(most);
    let fetch = consumer.fetch().max_messages(most).max_bytes(MOST_BYTES);
    collect(fetch.messages().await?, &mut messages).await?;
    Ok(messages)
}

/// What has come before an error is kept: those messages are ours now.
async fn collect(mut batch: Batch, messages: &mut Vec<Message>) -> Result<(), FetchError> {
    while let Some(next) = batch.next().await {
        match next {
            Ok(message) => messages.push(message),
            Err(_) if !messages.is_empty() => return Ok(()),
            Err(cause) => return Err(cause),
        }
    }
    Ok(())
}
