pub(crate) mod connection_changed;
