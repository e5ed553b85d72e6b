//! Events on their way out. The table exists in every service's schema, so it is named without one and found by the
//! search path; for the same reason the queries are not checked at build time.

mod backlog;
mod post;
mod relay;

pub use post::{OutboxError, post};
pub use relay::Relay;
