#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod transport;

pub use transport::{Method, Priority, Request, Response, Transport, TransportError};

/// The version of Intercom's API that every request asks for (`Intercom-Version`).
pub const INTERCOM_VERSION: &str = "2.16";
