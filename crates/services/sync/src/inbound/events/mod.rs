//! One file per event that is read.

mod connection;
mod dead;
mod webhook;

pub(crate) use connection::{CONSUMER, ConnectionChanged};
pub(crate) use dead::NotificationGivenUp;
pub(crate) use webhook::NotificationReceived;
