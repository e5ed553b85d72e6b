//! What sync decides, without a network or a store: values in, values out.

pub(crate) mod batches;
mod cause;
pub(crate) mod checkpoint;
mod company;
mod contact;
mod conversation;
pub(crate) mod counts;
pub(crate) mod drift;
pub(crate) mod failure;
mod fingerprint;
pub(crate) mod flow;
pub(crate) mod fold;
pub(crate) mod incremental;
mod kept;
pub(crate) mod lacking;
pub(crate) mod meter;
mod parts;
pub(crate) mod schedule;
pub(crate) mod search;
pub(crate) mod topics;

pub(crate) use cause::Cause;
pub(crate) use company::CompanyRecord;
pub(crate) use contact::{ContactRecord, TagNames, needs_tag_list};
pub(crate) use conversation::ConversationRecord;
pub(crate) use fingerprint::{Fingerprint, fingerprint};
pub(crate) use kept::Kept;
pub(crate) use parts::PartRecord;
