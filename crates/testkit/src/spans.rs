//! The spans of a test, kept in memory.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Every span that ended in this process since the log was opened.
#[derive(Clone, Debug, Default)]
pub struct SpanLog {
    ended: Arc<Mutex<Vec<SpanData>>>,
}

static LOG: OnceLock<SpanLog> = OnceLock::new();

impl SpanLog {
    /// Opens the log of this process; the same one each time.
    pub fn open() -> Self {
        LOG.get_or_init(|| {
            let log = Self::default();
            let provider = SdkTracerProvider::builder()
                .with_simple_exporter(log.clone())
                .build();
            let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
            tracing_subscriber::registry().with(layer).init();
            log
        })
        .clone()
    }

    /// The ended spans of this name that fulfil `wanted`.
    pub fn named(&self, name: &str, wanted: impl Fn(&SpanData) -> bool) -> Vec<SpanData> {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended
            .iter()
            .filter(|span| span.name == name && wanted(span))
            .cloned()
            .collect()
    }
}

impl SpanExporter for SpanLog {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.ended
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(batch);
        Ok(())
    }
}
