//! Sync over `build`, with real stores, the simulator as Intercom, and a vault that only forwards.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends with a panic when what it stands on breaks"
)]

mod closing;
mod completing;
mod defining;
mod failing;
mod flowing;
mod harness;
mod importing;
mod incremental;
mod keeping;
mod live;
mod moving;
mod reading;
mod resuming;
mod ticketing;
mod watching;
