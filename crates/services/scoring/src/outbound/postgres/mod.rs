//! The tables: one file per family. Plain functions on a connection; the use cases own the transactions.

pub(crate) mod configurations;
pub(crate) mod connections;
pub(crate) mod customers;
pub(crate) mod error;
pub(crate) mod facts;
pub(crate) mod holdings;
pub(crate) mod listing;
pub(crate) mod planning;
pub(crate) mod scores;
pub(crate) mod signals;
pub(crate) mod standings;
