#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod erasure;
pub mod inbox;
mod migrate;
pub mod outbox;
mod role;
mod store;
mod tidy;

pub use migrate::{
    MigrateError, Migrated, SchemaMigrations, fingerprint, migrate, set_role_password,
};
pub use store::{ConnectError, Store, StoreConfig};
pub use tidy::keep_tidy;
