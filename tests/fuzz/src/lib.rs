//! What has to hold of any bytes. The targets make bytes up; a test of the workspace replays those that are kept.

pub mod envelope;
pub mod signature;
pub mod topic;
