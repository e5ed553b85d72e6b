#![doc = include_str!("../README.md")]

mod config;
mod inbound;
mod service;

pub use config::Config;
pub use service::{BuildError, Rails, RunError, Service, build, migrations};
