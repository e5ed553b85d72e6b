//! One file per family of tables. Rows of a batch go in one statement, in order of their ids, so that two writers wait for
//! each other in turn.

pub(crate) mod aliases;
pub(crate) mod archivals;
pub(crate) mod companies;
pub(crate) mod completeness;
pub(crate) mod connections;
pub(crate) mod contacts;
pub(crate) mod conversations;
pub(crate) mod definitions;
pub(crate) mod directory;
pub(crate) mod drift;
pub(crate) mod gaps;
pub(crate) mod holdings;
mod inconsistent;
mod keys;
pub(crate) mod lacks;
pub(crate) mod leases;
pub(crate) mod notifications;
pub(crate) mod parts;
pub(crate) mod permissions;
pub(crate) mod repairs;
pub(crate) mod revisions;
pub(crate) mod routing;
pub(crate) mod run_log;
pub(crate) mod runs;
pub(crate) mod sample;
pub(crate) mod schedule;
pub(crate) mod settings;
pub(crate) mod tombstones;
pub(crate) mod unknown_topics;

pub(crate) use inconsistent::{Inconsistent, StoreError, is_refusal};
use keys::fingerprint_of;
pub(crate) use keys::{Key, Keys};
