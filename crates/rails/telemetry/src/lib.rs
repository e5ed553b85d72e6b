#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod init;
mod process;
mod prometheus;
pub mod trace_context;

pub use init::{
    LogFormat, LogTarget, Telemetry, TelemetryConfig, TelemetryError, UnknownLogFormat, init,
};
pub use prometheus::render_metrics;
