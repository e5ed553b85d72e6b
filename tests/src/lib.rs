#![doc = include_str!("../README.md")]
#![expect(
    clippy::future_not_send,
    reason = "what waits here runs where the program begins"
)]
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "what cannot be set up ends the test where it stands"
)]

pub mod deployment;
pub mod faults;
pub mod intercom;
pub mod ledger;
pub mod traffic;
mod wait;

pub use wait::{until, until_within};
