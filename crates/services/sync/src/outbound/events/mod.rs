//! One file per event that sync speaks.

pub(crate) mod record_changed;
pub(crate) mod run_ended;
pub(crate) mod run_progressed;

use harken_contracts::wire::events::v1::KindProgress;
use harken_domain::{ConnectionId, OrganizationId};

use crate::rules::counts::{Counts, Kind};

/// Whom an event concerns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Concerned {
    pub(crate) organization: OrganizationId,
    pub(crate) connection: ConnectionId,
}

/// Numbers per kind; parts come with their conversations and have none of their own.
fn kinds(counts: &Counts) -> Vec<KindProgress> {
    counts
        .iter()
        .filter(|(kind, _)| *kind != Kind::Parts)
        .map(|(kind, count)| KindProgress {
            kind: kind.as_str().to_owned(),
            done: count.done(),
            total: count.total,
            skipped: count.skipped(),
        })
        .collect()
}
