#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod convert;
pub mod events;
pub mod subjects;

#[expect(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "generated; the protos hold the documentation"
)]
mod generated {
    include!("wire/mod.rs");
}

/// The wire types, one module per proto package.
pub mod wire {
    pub use crate::generated::harken::*;
}

/// The contracts as descriptors, for reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("wire/descriptor.bin");
