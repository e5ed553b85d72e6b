pub(crate) mod events;
pub(crate) mod grpc;
