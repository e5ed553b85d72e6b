#![doc = include_str!("../README.md")]

mod app;
mod config;
mod inbound;
mod outbound;
mod rules;
mod service;

pub use config::{Config, Patience};
pub use service::{BuildError, Rails, RunError, Service, build, migrations};
