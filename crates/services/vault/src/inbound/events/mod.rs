pub(crate) mod connection_changed;
pub(crate) mod connection_erased;
