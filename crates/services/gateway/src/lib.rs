#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod app;
mod assets;
mod config;
mod inbound;
mod outbound;
mod rules;
mod service;
mod views;
mod words;

pub use config::Config;
pub use rules::connection_status::{ConnectionStatus, Trouble};
pub use service::{BuildError, Rails, RunError, Service, build};
