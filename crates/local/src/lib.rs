#![doc = include_str!("../README.md")]

mod account;
mod config;
mod distribution;
mod error;
mod keeper;
mod leftover;
mod nats;
mod port;
mod postgres;
mod process;
mod state_dir;
mod stores;

pub use config::{Durability, StoreProgress, StoresConfig};
pub use error::StoresError;
pub use port::{free_ports, require_free};
pub use stores::Stores;
