//! One folder per service, one file per noun it answers about.

mod directory;
mod fields;
mod status;
mod sync;

pub(crate) use directory::DirectoryRpc;
pub(crate) use sync::SyncRpc;
