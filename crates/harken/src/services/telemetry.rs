use std::str::FromStr as _;

use harken_runtime::{ConfigError, Environment};
use harken_telemetry::{LogFormat, Telemetry, TelemetryConfig, TelemetryError};

use crate::failure::Failure;

/// How a process logs where nothing is said.
pub(crate) struct Defaults {
    pub(crate) format: LogFormat,
    pub(crate) filter: &'static str,
}

impl Defaults {
    /// A service in a cluster.
    pub(crate) const SERVICE: Self = Self {
        format: LogFormat::Json,
        filter: "info",
    };
    /// Everything at once at a person's terminal.
    pub(crate) const TERMINAL: Self = Self {
        format: LogFormat::Pretty,
        filter: "warn",
    };
}

/// Installs logs, metrics and traces for this process.
pub(crate) fn install(
    service: &str,
    defaults: &Defaults,
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
        None => defaults.format,
    };
    let config = TelemetryConfig {
        service: format!("harken-{service}"),
        format,
        filter: environment
            .optional("HARKEN_LOG")
            .unwrap_or(defaults.filter)
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
        other @ TelemetryError::AlreadyInstalled => Failure::other(other.to_string()),
    })
}
