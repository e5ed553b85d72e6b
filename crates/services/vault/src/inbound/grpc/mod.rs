mod acting;
mod auth;
mod fields;
mod status;
mod vault;

pub(crate) use auth::AuthRpc;
pub(crate) use vault::VaultRpc;
