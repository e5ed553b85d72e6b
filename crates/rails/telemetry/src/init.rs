//! Installs the process-wide subscriber, recorder and tracer, once.

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::panic;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{LevelFilter, ParseError, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer};

use crate::prometheus;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object per line, for machines.
    #[default]
    Json,
    /// Aligned words, for a person at a terminal.
    Pretty,
}

/// A log format that is neither `json` nor `pretty`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("log format must be `json` or `pretty`")]
pub struct UnknownLogFormat;

impl FromStr for LogFormat {
    type Err = UnknownLogFormat;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "json" => Ok(Self::Json),
            "pretty" => Ok(Self::Pretty),
            _ => Err(UnknownLogFormat),
        }
    }
}

/// Where log lines go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LogTarget {
    /// All to standard error.
    #[default]
    Stderr,
    /// All to this file as JSON; warnings and errors to standard error as well.
    File(PathBuf),
}

/// What a process reports and where to.
#[derive(Clone, Debug)]
pub struct TelemetryConfig {
    /// `service.name` of its traces, such as `harken-sync`.
    pub service: String,
    /// How log lines look.
    pub format: LogFormat,
    /// Where they go.
    pub target: LogTarget,
    /// Directives of what to log, such as `info,harken_sync=debug`.
    pub filter: String,
    /// OTLP over gRPC, such as `http://collector:4317`; none keeps traces at home.
    pub otlp_endpoint: Option<String>,
}

/// Why telemetry could not be installed.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The log filter cannot be read.
    #[error("log filter is not valid; it reads like `info,harken_sync=debug`")]
    Filter(#[source] ParseError),
    /// The trace exporter cannot be built.
    #[error("trace exporter could not be built")]
    Exporter(#[source] ExporterBuildError),
    /// The log file cannot be written.
    #[error("log file cannot be written")]
    File(#[source] io::Error),
    /// Something else in this process was installed before.
    #[error("telemetry is already installed in this process")]
    AlreadyInstalled,
}

/// Keeps the exporters of this process; given back to [`Telemetry::shutdown`] at the end.
#[derive(Debug)]
#[must_use = "traces still in memory are lost unless shut down"]
pub struct Telemetry {
    provider: SdkTracerProvider,
}

impl Telemetry {
    /// Sends what is still in memory.
    pub async fn shutdown(self) {
        let flushed = tokio::task::spawn_blocking(move || self.provider.shutdown()).await;
        if let Ok(Err(cause)) = flushed {
            tracing::warn!(error = %cause, "last traces could not be sent");
        }
    }
}

/// Whether a line or span may be told whatever was asked for: libraries print at trace what they carry, and that of the bus
/// does at debug, messages whole.
fn may_be_told(of: &Metadata<'_>) -> bool {
    let most = match of.target() {
        ours if ours.starts_with("harken") => Level::TRACE,
        bus if bus.starts_with("async_nats") => Level::INFO,
        _ => Level::DEBUG,
    };
    *of.level() <= most
}

/// Installs logging, metrics and tracing for this process; inside a tokio runtime, once.
pub fn init(config: TelemetryConfig) -> Result<Telemetry, TelemetryError> {
    let filter = EnvFilter::try_new(&config.filter).map_err(TelemetryError::Filter)?;
    let lines = lines(&config)?;
    prometheus::install().map_err(|_| TelemetryError::AlreadyInstalled)?;
    let provider = tracer_provider(config.service, config.otlp_endpoint)?;
    tracing_subscriber::registry()
        .with(filter)
        .with(filter_fn(may_be_told))
        .with(lines)
        .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("harken")))
        .try_init()
        .map_err(|_| TelemetryError::AlreadyInstalled)?;
    log_panics_by_place();
    Ok(Telemetry { provider })
}

type Lines<S> = Vec<Box<dyn Layer<S> + Send + Sync>>;

fn lines<S>(config: &TelemetryConfig) -> Result<Lines<S>, TelemetryError>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let stderr = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    let stderr = match config.format {
        LogFormat::Json => stderr.json().flatten_event(true).boxed(),
        LogFormat::Pretty => stderr.with_target(false).boxed(),
    };
    let LogTarget::File(path) = &config.target else {
        return Ok(vec![stderr]);
    };
    let file = File::options()
        .create(true)
        .append(true)
        .open(path)
        .map_err(TelemetryError::File)?;
    let file = tracing_subscriber::fmt::layer()
        .with_writer(Arc::new(file))
        .with_ansi(false);
    Ok(vec![
        file.json().flatten_event(true).boxed(),
        stderr.with_filter(LevelFilter::WARN).boxed(),
    ])
}

/// Without an endpoint nothing is recorded, yet a trace begun elsewhere is passed on.
fn tracer_provider(
    service: String,
    endpoint: Option<String>,
) -> Result<SdkTracerProvider, TelemetryError> {
    let builder = SdkTracerProvider::builder()
        .with_resource(Resource::builder().with_service_name(service).build());
    let Some(endpoint) = endpoint else {
        let sampler = Sampler::ParentBased(Box::new(Sampler::AlwaysOff));
        return Ok(builder.with_sampler(sampler).build());
    };
    let exporter = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()
        .map_err(TelemetryError::Exporter)?;
    Ok(builder.with_batch_exporter(exporter).build())
}

fn log_panics_by_place() {
    panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(panic.place = %place, "panicked");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_two_formats_are_known() {
        assert_eq!("json".parse(), Ok(LogFormat::Json));
        assert_eq!("pretty".parse(), Ok(LogFormat::Pretty));
        assert_eq!("JSON".parse::<LogFormat>(), Err(UnknownLogFormat));
    }
}
