//! One file per event that is read.

mod connection;

pub(crate) use connection::{CONSUMER, ConnectionChanged};
