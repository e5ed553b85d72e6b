//! Requests to Intercom through the vault: it adds the token, keeps the rate budget and repeats what can be repeated.

mod gauge;
mod transport;

pub(crate) use gauge::Gauge;
pub(crate) use transport::VaultTransport;
