//! Wire to domain and back. Both directions of a word stand side by side.

mod time;
mod words;

pub use time::{InvalidTimestamp, datetime, timestamp};
pub use words::Unspecified;
