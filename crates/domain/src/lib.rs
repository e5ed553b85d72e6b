#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod clock;
mod email;
pub mod ids;
mod score;
mod secret;
mod words;

pub use clock::Clock;
pub use email::{EmailAddress, InvalidEmail};
pub use ids::{
    ApiKeyId, ConnectionId, ConversationId, CustomerId, InvalidId, MemberId, OrganizationId, RunId,
    SessionId,
};
pub use score::{Points, PointsOutOfRange, Revision, Threshold, Thresholds, ThresholdsOutOfOrder};
pub use secret::Secret;
pub use words::{
    AuthorKind, ConversationStatus, DataPolicy, OnDisconnect, RiskLevel, Role, UnknownWord,
};
