//! How far a consumer is behind.

use harken_contracts::subjects::Stream;

use crate::Bus;

/// What a consumer has not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Messages that it has not been given yet.
    pub waiting: u64,
    /// Messages that it was given and has not settled.
    pub under_way: u64,
}

impl Lag {
    /// Whether everything is settled.
    pub fn is_none(self) -> bool {
        self.waiting == 0 && self.under_way == 0
    }
}

/// The consumer cannot be asked about, or does not exist yet.
#[derive(Debug, thiserror::Error)]
#[error("consumer {consumer} cannot be read")]
pub struct LagError {
    consumer: String,
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Bus {
    /// How far the durable consumer of this name is behind its stream.
    pub async fn lag(&self, stream: Stream, consumer: &str) -> Result<Lag, LagError> {
        let failed = |source| LagError {
            consumer: consumer.to_owned(),
            source,
        };
        let kept = self
            .jetstream
            .get_stream_no_info(self.prefix.stream(stream))
            .await;
        let kept = kept.map_err(|cause| failed(cause.into()))?;
        let info = kept
            .consumer_info(consumer)
            .await
            .map_err(|cause| failed(cause.into()))?;
        Ok(Lag {
            waiting: info.num_pending,
            under_way: u64::try_from(info.num_ack_pending).unwrap_or(u64::MAX),
        })
    }
}
