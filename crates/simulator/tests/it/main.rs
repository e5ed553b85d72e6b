//! The simulator over HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod access;
mod changes;
mod churning;
mod endpoint;
mod faults;
mod harness;
mod inbox;
mod limits;
mod oauth;
mod reading;
mod searching;
mod versions;
mod webhooks;
