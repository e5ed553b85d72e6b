//! What sync does, one use case per file.

mod close_connection;
pub(crate) mod live;
pub(crate) mod mirror;
mod open_connection;
mod reader;
mod repair;
mod run;
mod schedule;
mod settings;
mod start_run;
mod tidy;

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use harken_domain::Clock;
use harken_runtime::ServiceChannel;
use harken_store::Store;
use tokio::sync::Notify;

pub(crate) use close_connection::Closing;
pub(crate) use repair::Repairs;
pub(crate) use run::Worker;
pub(crate) use schedule::keep_schedule;
pub(crate) use settings::{Change, Settings, SettingsError};
pub(crate) use start_run::StartRunError;
pub(crate) use tidy::keep_live_tidy;

/// The use cases and what they stand on. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Sync {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    /// The way to Intercom.
    pub(crate) vault: ServiceChannel,
    pub(crate) limits: Limits,
    /// Told when a run was queued, so that a worker need not wait for its next look.
    pub(crate) queued: Arc<Notify>,
    /// Told when a record has to be fetched.
    pub(crate) wanted: Arc<Notify>,
}

/// How much a run may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How far back conversations are read.
    pub(crate) backfill: TimeDelta,
    /// Most conversations fetched at once.
    pub(crate) in_flight: usize,
    /// Most bytes of conversations in memory.
    pub(crate) buffer_bytes: usize,
    /// How long a run waits for Intercom before it fails.
    pub(crate) patience: Duration,
    /// How long a notification may be on its way before what it tells counts as untold.
    pub(crate) drift_grace: TimeDelta,
    /// How long a worker may be silent before another takes its run.
    pub(crate) lease: Duration,
}
