#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod bench;
mod lending;
mod refusing;
mod resuming;
mod wire;
