//! Durable consumers: batches in, effects, acknowledgements out.

mod attempt;
mod disposition;
mod fetch;
mod pace;
mod settle;
mod spec;
mod watchdog;
mod worker;

pub use disposition::{Disposition, Handler};
pub use spec::ConsumerSpec;
