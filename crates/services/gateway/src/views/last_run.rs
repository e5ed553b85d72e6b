use chrono::{DateTime, Utc};
use harken_contracts::wire::sync::v1::{Run, RunKind, RunState};

use crate::rules::numbers;
use crate::views::when::When;

/// How a run went, in a line.
#[derive(Clone, Debug)]
pub(crate) struct LastRun {
    pub(crate) id: String,
    pub(crate) words: String,
    pub(crate) class: &'static str,
    pub(crate) when: Option<When>,
}

impl LastRun {
    pub(crate) fn new(run: &Run, now: DateTime<Utc>) -> Self {
        let (words, class) = match run.state() {
            RunState::Queued | RunState::Unspecified => ("Waiting to begin".to_owned(), "busy"),
            RunState::Running => ("Going on".to_owned(), "busy"),
            RunState::Complete => (format!("Complete, {}", brought(run)), "healthy"),
            RunState::CompleteWithGaps => {
                let gaps = numbers::counted(run.gap_count, "gap", "gaps");
                (format!("Complete with {gaps}, {}", brought(run)), "at_risk")
            }
            RunState::Paused => ("Paused".to_owned(), "na"),
            RunState::Failed => ("Failed".to_owned(), "critical"),
        };
        let moment = run.ended_at.or(run.started_at).or(run.created_at);
        Self {
            id: run.run_id.clone(),
            words,
            class,
            when: When::read(moment.as_ref(), now),
        }
    }
}

/// Whether a run has not ended.
pub(crate) fn is_going_on(run: &Run) -> bool {
    matches!(
        run.state(),
        RunState::Queued | RunState::Running | RunState::Paused
    )
}

/// Contacts that a run took in as customers, in words: `500 contacts`.
pub(crate) fn contacts_imported(run: &Run) -> String {
    numbers::counted(imported(run), "contact", "contacts")
}

/// Contacts that a run took in as customers.
pub(crate) fn imported(run: &Run) -> u64 {
    run.counts
        .iter()
        .find(|counts| counts.kind == "contacts")
        .map_or(0, |counts| counts.seen.saturating_sub(counts.skipped))
}

/// What a run changed in the mirror, in words: `12 records changed`.
pub(crate) fn changes(run: &Run) -> String {
    let changed: u64 = run.counts.iter().map(|one| one.written + one.deleted).sum();
    if changed == 0 {
        "nothing had changed".to_owned()
    } else {
        format!("{} changed", numbers::counted(changed, "record", "records"))
    }
}

/// What a run was for: a full one imports, an incremental one follows changes.
pub(crate) fn brought(run: &Run) -> String {
    if run.kind() == RunKind::Incremental {
        changes(run)
    } else {
        format!("{} imported", contacts_imported(run))
    }
}

#[cfg(test)]
mod tests {
    use harken_contracts::wire::sync::v1::RunCounts;

    use super::*;

    #[test]
    fn a_full_run_tells_what_it_imported_and_an_incremental_one_what_had_changed() {
        let run = |kind: RunKind, written, deleted| Run {
            kind: kind.into(),
            state: RunState::Complete.into(),
            counts: vec![RunCounts {
                kind: "contacts".to_owned(),
                seen: 512,
                skipped: 12,
                written,
                deleted,
                ..RunCounts::default()
            }],
            ..Run::default()
        };
        for (run, words) in [
            (run(RunKind::Full, 3, 0), "Complete, 500 contacts imported"),
            (
                run(RunKind::Incremental, 3, 1),
                "Complete, 4 records changed",
            ),
            (
                run(RunKind::Incremental, 0, 0),
                "Complete, nothing had changed",
            ),
        ] {
            assert_eq!(LastRun::new(&run, DateTime::UNIX_EPOCH).words, words);
        }
    }
}
