//! The net under our own count: when the server gives a message up, it is kept too.

use std::time::Duration;

use futures::StreamExt as _;
use serde::Deserialize;

use super::bury::{Remains, Verdict};
use super::letter::{DeadLetterError, unreadable};
use crate::Bus;
use crate::consume::ConsumerSpec;
use crate::delivery::read_headers;

/// One process of a deployment catches a message; if two do, it is stored once.
const QUEUE: &str = "harken-net";
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// What the server says when it gives a message up.
#[derive(Debug, Deserialize)]
struct GivenUp {
    stream_seq: u64,
    deliveries: u64,
}

impl Bus {
    /// Keeps the messages of a consumer that the server gives up, for as long as it is polled.
    pub(crate) async fn catch_given_up(&self, spec: &ConsumerSpec) {
        let stream = self.prefix.stream(spec.stream);
        let subject = format!(
            "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{stream}.{}",
            spec.name
        );
        loop {
            match self
                .client
                .queue_subscribe(subject.clone(), QUEUE.to_owned())
                .await
            {
                Ok(mut advisories) => {
                    while let Some(advisory) = advisories.next().await {
                        if let Err(cause) = self.keep(spec, &stream, &advisory.payload).await {
                            tracing::error!(
                                consumer = spec.name,
                                error = &cause as &dyn std::error::Error,
                                "a message that the server gave up was not kept"
                            );
                        }
                    }
                }
                Err(cause) => {
                    tracing::debug!(consumer = spec.name, error = %cause, "no net for now");
                }
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    async fn keep(
        &self,
        spec: &ConsumerSpec,
        stream: &str,
        advisory: &[u8],
    ) -> Result<(), DeadLetterError> {
        let given_up: GivenUp = serde_json::from_slice(advisory).map_err(unreadable)?;
        let kept = self.jetstream.get_stream_no_info(stream).await;
        let kept = kept.map_err(unreadable)?;
        let message = kept.get_raw_message(given_up.stream_seq).await;
        let message = message.map_err(unreadable)?;
        let remains = Remains {
            subject: message.subject.to_string(),
            headers: read_headers(Some(&message.headers)),
            payload: message.payload,
            sequence: given_up.stream_seq,
            deliveries: given_up.deliveries,
        };
        let verdict = Verdict {
            consumer: spec.name,
            reason: "exhausted",
            error: "it was never answered for, and the server gave it up".to_owned(),
        };
        Ok(self.bury_remains(remains, &verdict).await?)
    }
}
