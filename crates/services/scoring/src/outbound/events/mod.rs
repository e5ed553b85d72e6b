//! Events out, one file per subject.

pub(crate) mod score_changed;
