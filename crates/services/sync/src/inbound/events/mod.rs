//! One file per event that is read.

mod connection;
mod webhook;

pub(crate) use connection::{CONSUMER, ConnectionChanged};
pub(crate) use webhook::NotificationReceived;
