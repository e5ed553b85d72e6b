use std::str::FromStr as _;

use harken_runtime::{ConfigError, Environment};
use harken_telemetry::{LogFormat, LogTarget, Telemetry, TelemetryConfig, TelemetryError};

use crate::failure::Failure;

/// Installs logs, metrics and traces for this process. A service logs JSON to standard error; who logs to a file is at a
/// person's terminal, and warns there in words.
pub(crate) fn install(
    service: &str,
    target: LogTarget,
    environment: &Environment,
) -> Result<Telemetry, Failure> {
    let format = match environment.optional("HARKEN_LOG_FORMAT") {
        Some(word) => LogFormat::from_str(word).map_err(|_| {
            ConfigError::new(
                "HARKEN_LOG_FORMAT",
                "is neither `json` nor `pretty`",
                "set it to one of them",
            )
        })?,
        None if target == LogTarget::Stderr => LogFormat::Json,
        None => LogFormat::Pretty,
    };
    let config = TelemetryConfig {
        service: format!("harken-{service}"),
        format,
        target,
        filter: environment
            .optional("HARKEN_LOG")
            .unwrap_or("info,async_nats=warn")
            .to_owned(),
        otlp_endpoint: environment
            .optional("HARKEN_OTLP_ENDPOINT")
            .map(str::to_owned),
    };
    harken_telemetry::init(config).map_err(|error| match error {
        TelemetryError::Filter(cause) => ConfigError::new(
            "HARKEN_LOG",
            format!("cannot be read: {cause}"),
            "write it like `info,harken_sync=debug`",
        )
        .into(),
        TelemetryError::Exporter(_) => ConfigError::new(
            "HARKEN_OTLP_ENDPOINT",
            "is not an address",
            "write it like http://collector:4317",
        )
        .into(),
        other => Failure::other(format!(
            "logging cannot begin: {:#}",
            anyhow::Error::new(other)
        )),
    })
}
