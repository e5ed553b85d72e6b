use harken_contracts::{
    convert::timestamp,
    wire::sync::v1::{
        ListRunsRequest, Run, RunCounts, RunKind, RunState as WireState, RunTrigger, SkipCount,
    },
};
use harken_runtime::status as refuse;
use tonic::Status;

use super::drift;
use crate::{
    outbound::postgres::runs::{RunFilter, RunKind as Kept, RunRow, RunState, Trigger},
    rules::counts::{Count, Kind},
};

impl From<RunRow> for Run {
    fn from(row: RunRow) -> Self {
        let parts = row.counts.get(Kind::Parts).cloned().unwrap_or_default();
        Self {
            run_id: row.run.to_string(),
            connection_id: row.connection.to_string(),
            kind: match row.kind {
                Kept::Full => RunKind::Full,
                Kept::Incremental => RunKind::Incremental,
            }
            .into(),
            trigger: match row.trigger {
                Trigger::Connected => RunTrigger::Connected,
                Trigger::Requested => RunTrigger::Requested,
                Trigger::Scheduled => RunTrigger::Scheduled,
                Trigger::Silence => RunTrigger::Silence,
            }
            .into(),
            state: match row.state {
                RunState::Queued => WireState::Queued,
                RunState::Running => WireState::Running,
                RunState::Paused => WireState::Paused,
                RunState::Complete => WireState::Complete,
                RunState::CompleteWithGaps => WireState::CompleteWithGaps,
                RunState::Failed => WireState::Failed,
            }
            .into(),
            reason: row.reason,
            counts: row
                .counts
                .iter()
                .map(|(kind, count)| counts(kind, count))
                .collect(),
            rows_per_second: row.rows_per_second,
            eta_secs: row.eta_secs.map(i64::unsigned_abs),
            requests: row.requests.unsigned_abs(),
            created_at: Some(timestamp(row.created_at)),
            started_at: row.started_at.map(timestamp),
            ended_at: row.ended_at.map(timestamp),
            gap_count: row.gap_count.unsigned_abs(),
            drift: drift::counts(&row.drift),
            parts_held: parts.held,
            parts_counted: parts.counted,
        }
    }
}

fn counts(kind: Kind, count: &Count) -> RunCounts {
    RunCounts {
        kind: kind.as_str().to_owned(),
        seen: count.seen,
        written: count.written,
        unchanged: count.unchanged,
        skipped: count.skipped(),
        total: count.total,
        skips: count
            .skips
            .iter()
            .map(|(reason, count)| SkipCount {
                reason: reason.as_str().to_owned(),
                count: *count,
            })
            .collect(),
        deleted: count.deleted,
        truncated: count.truncated,
    }
}

/// Which runs are meant.
pub(super) fn filter(request: &ListRunsRequest) -> Result<RunFilter, Status> {
    let unknown = |field| refuse::invalid_argument(field, "must be one that this version knows");
    let kind = match RunKind::try_from(request.kind) {
        Ok(RunKind::Unspecified) => None,
        Ok(RunKind::Full) => Some(Kept::Full),
        Ok(RunKind::Incremental) => Some(Kept::Incremental),
        Err(_) => return Err(unknown("kind")),
    };
    let state = match WireState::try_from(request.state) {
        Ok(WireState::Unspecified) => None,
        Ok(WireState::Queued) => Some(RunState::Queued),
        Ok(WireState::Running) => Some(RunState::Running),
        Ok(WireState::Paused) => Some(RunState::Paused),
        Ok(WireState::Complete) => Some(RunState::Complete),
        Ok(WireState::CompleteWithGaps) => Some(RunState::CompleteWithGaps),
        Ok(WireState::Failed) => Some(RunState::Failed),
        Err(_) => return Err(unknown("state")),
    };
    let trigger = match RunTrigger::try_from(request.trigger) {
        Ok(RunTrigger::Unspecified) => None,
        Ok(RunTrigger::Connected) => Some(Trigger::Connected),
        Ok(RunTrigger::Requested) => Some(Trigger::Requested),
        Ok(RunTrigger::Scheduled) => Some(Trigger::Scheduled),
        Ok(RunTrigger::Silence) => Some(Trigger::Silence),
        Err(_) => return Err(unknown("trigger")),
    };
    Ok(RunFilter {
        kind,
        state,
        trigger,
    })
}
