pub(crate) mod connection_closed;
