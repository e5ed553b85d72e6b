pub(crate) mod connection_closed;
pub(crate) mod connection_opened;
