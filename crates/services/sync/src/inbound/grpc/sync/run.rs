use harken_contracts::{
    convert::timestamp,
    wire::sync::v1::{Run, RunCounts, RunKind, RunState as WireState, RunTrigger, SkipCount},
};

use crate::{
    outbound::postgres::runs::{RunKind as Kept, RunRow, RunState, Trigger},
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
            drift: Vec::new(),
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
