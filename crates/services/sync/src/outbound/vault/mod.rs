//! What sync asks the vault: to make requests to Intercom, where it adds the token, keeps the rate budget and repeats what can
//! be repeated, and for the keys of pseudonyms.

mod gauge;
mod pseudonyms;
mod transport;

pub(crate) use gauge::Gauge;
pub(crate) use pseudonyms::pseudonym_key;
pub(crate) use transport::VaultTransport;
