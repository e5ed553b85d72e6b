//! What a service keeps of a connection goes, a bounded number of rows at a time, and is counted as it goes. The tables exist
//! in every service's schema, so they are named without one and found by the search path; for the same reason the queries
//! are not checked at build time.

mod ask;
mod eraser;
mod holdings;
mod tables;

pub use ask::{Asked, ask};
pub use eraser::{EraseError, Eraser};
pub use holdings::{Barrier, Holdings};
