#![doc = include_str!("../README.md")]
#![warn(missing_docs)]
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test ends with a panic when what it stands on breaks"
)]

mod bus;
#[cfg(feature = "browser")]
pub mod chromium;
mod database;
mod link;
mod patience;
pub mod records;
mod server;
mod spans;
mod stores;

use chrono::DateTime;
use harken_domain::Clock;

pub use bus::TestBus;
pub use database::Database;
pub use link::Link;
pub use patience::{eventually, eventually_some};
pub use server::{KnownKeys, TestServer, service_secret};
pub use spans::SpanLog;
pub use stores::{database_url, nats_url};

/// A clock that stands at noon of 2026-11-20 until it is moved.
pub fn frozen_clock() -> Clock {
    Clock::frozen(DateTime::from_timestamp(1_795_176_000, 0).expect("a valid time"))
}
