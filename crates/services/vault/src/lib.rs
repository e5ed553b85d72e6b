#![doc = include_str!("../README.md")]

mod app;
mod config;
mod inbound;
mod outbound;
mod rules;
mod service;

pub use config::Config;
pub use rules::audit_chain::BrokenChain;
pub use service::{
    AuditUnreadable, BuildError, Rails, RunError, Service, build, migrations, verify_audit_log,
};
