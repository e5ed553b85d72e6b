//! Who calls: an API key of an organization, or a service of this deployment.

mod authenticator;
mod call;
mod keys;
mod service_token;

pub use authenticator::Authenticator;
pub use call::{CallContext, Caller};
pub use keys::{ApiKeyVerifier, CachedVerifier, RemoteVerifier, VerifiedKey, VerifierUnavailable};
pub use service_token::{SecretTooShort, ServiceIdentity, ServiceSecret};

pub(crate) use service_token::{ServiceTokenError, is_service_token};

/// Names the organization that a service acts for: `org_…`.
pub const ORGANIZATION: &str = "harken-organization";
/// Names the role of the member that a service acts for.
pub const ROLE: &str = "harken-role";
/// Names the member that a service acts for: `mem_…`.
pub const MEMBER: &str = "harken-member";
