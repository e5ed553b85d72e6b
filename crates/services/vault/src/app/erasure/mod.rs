//! Every service erases what it keeps of a connection and answers with a receipt; then the bus is cleared, and the vault
//! answers last.

mod finish;
mod receive;
mod remove_data;
mod show;

pub(crate) use receive::{CONSUMER, Erased};
pub(crate) use remove_data::RemoveDataError;
pub(crate) use show::{Erasure, ShowError};
