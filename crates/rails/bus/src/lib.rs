#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod client;
mod connect;
mod consume;
mod dead;
mod delivery;
mod lag;
mod names;
mod promises;
mod publish;
mod streams;
mod watch;

pub use connect::{Bus, BusConfig, ConnectError, Profile};
pub use consume::{ConsumerSpec, Disposition, Handler};
pub use dead::{DeadLetter, DeadLetterError, DeadLetterSelection, DeadLetters, WholeDeadLetter};
pub use delivery::{Delivery, Undecodable};
pub use lag::{Lag, LagError};
pub use promises::Broken;
pub use publish::{MAX_PAYLOAD_BYTES, Outgoing, PublishError, Stored};
pub use streams::StreamError;
pub use watch::{WatchError, WatchFrom};

/// Headers of our messages beside the trace context.
pub mod headers {
    /// The id under which a message is stored once.
    pub const MESSAGE_ID: &str = "Nats-Msg-Id";
    /// The id of a replayed message, where the one above had to change.
    pub const MESSAGE: &str = "harken-message";
    /// The event's type, such as `record.v1.changed`.
    pub const EVENT: &str = "harken-event";
    /// The tenant: `org_…`.
    pub const ORGANIZATION: &str = "harken-organization";
    /// The connection: `con_…`.
    pub const CONNECTION: &str = "harken-connection";
    /// On a dead letter: the consumer that gave the message up.
    pub const DEAD_CONSUMER: &str = "harken-dead-consumer";
}
