#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod auth;
mod channel;
mod config;
mod exit;
pub mod grpc;
pub mod ops;
pub mod paging;
mod readiness;
mod shutdown;
pub mod status;
mod tasks;

pub use auth::{
    ApiKeyVerifier, Authenticator, CachedVerifier, CallContext, Caller, RemoteVerifier,
    SecretTooShort, ServiceIdentity, ServiceSecret, VerifiedKey, VerifierUnavailable,
};
pub use channel::{Authorized, ServiceChannel};
pub use config::{ConfigError, Environment};
pub use exit::exit_code;
pub use readiness::{CheckState, Gate, Readiness, Snapshot};
pub use shutdown::{Shutdown, Trigger};
pub use tasks::{Drained, TaskFailure, Tasks};
