//! Events in, one file per subject.

pub(crate) mod connection;
pub(crate) mod record_changed;
pub(crate) mod score_changed;
