//! A gRPC server with everything that every service of ours has.

mod answer;
mod call;
mod front;
mod health;
mod request_id;
mod serve;
mod services;

pub use request_id::current as request_id;
pub use serve::{GrpcConfig, ServeError, serve};
pub use services::Services;

/// Most bytes of one message that a server takes.
pub const MAX_REQUEST_BYTES: usize = 4 * 1024 * 1024;
/// Most bytes of one message that a server answers; a client that expects large answers sets
/// `max_decoding_message_size` to it.
pub const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;
