//! The gRPC server over a real socket.

mod authenticating;
mod describing;
mod directory;
mod operating;
mod serving;
mod stopping;
mod tracing_calls;
