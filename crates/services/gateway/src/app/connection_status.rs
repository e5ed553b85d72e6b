use chrono::{DateTime, Utc};
use harken_contracts::convert::datetime;
use harken_contracts::wire::ingress::v1::Deliveries;
use harken_contracts::wire::sync::v1::{DriftCause, Run, RunState, Status};
use harken_contracts::wire::vault::v1::{Connection, ConnectionState};

use crate::rules::connection_status::{ConnectionStatus, LatestRun, Life, Stage, Syncing};

impl ConnectionStatus {
    /// Composes it of the answers of vault, sync and the edge; those that do not answer are none.
    pub fn of(
        connection: &Connection,
        status: Option<&Status>,
        deliveries: Option<&Deliveries>,
    ) -> Self {
        let life = match connection.state() {
            ConnectionState::Connected => Life::Connected,
            ConnectionState::Disconnecting => Life::Disconnecting,
            ConnectionState::Purged => Life::Purged,
            ConnectionState::Disconnected | ConnectionState::Unspecified => Life::Disconnected,
        };
        let heard_at = deliveries.and_then(|one| moment(one.last_delivery_at.as_ref()));
        Self::compose(life, status.map(syncing).as_ref(), heard_at)
    }
}

fn syncing(status: &Status) -> Syncing {
    let has_ended_before = status.last_ended_at.is_some() || status.last_complete_at.is_some();
    Syncing {
        run: status.latest_run.as_ref().map(latest),
        has_ended_before,
        is_paused: status.is_paused,
        is_drift_high: status.is_drift_high,
        missing_permissions: status.missing_permissions.clone(),
    }
}

fn latest(run: &Run) -> LatestRun {
    let stage = match run.state() {
        RunState::Queued | RunState::Unspecified => Stage::Queued,
        RunState::Running | RunState::Paused => Stage::GoingOn,
        RunState::Complete | RunState::CompleteWithGaps => Stage::Ended,
        RunState::Failed => Stage::Failed,
    };
    let is_told = |cause| !matches!(cause, DriftCause::Untold | DriftCause::Unspecified);
    let untold = run.drift.iter().filter(|one| is_told(one.cause()));
    LatestRun {
        stage,
        began_at: moment(run.started_at.as_ref()),
        untold: untold.map(|one| one.count).sum(),
    }
}

fn moment(at: Option<&prost_types::Timestamp>) -> Option<DateTime<Utc>> {
    datetime(at?).ok()
}
