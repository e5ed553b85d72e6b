pub(crate) mod events;
pub(crate) mod grpc;
pub(crate) mod http;
