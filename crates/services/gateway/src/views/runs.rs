use askama::Template;
use chrono::{DateTime, Utc};
use harken_contracts::convert::datetime;
use harken_contracts::wire::sync::v1::{Run, RunKind, RunState, RunTrigger};

use crate::outbound::RunList;
use crate::rules::{numbers, span};
use crate::views::connection_head::ConnectionHead;
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::last_run::LastRun;
use crate::views::pager::Pager;
use crate::views::when::When;
use crate::words::{self, RUN_KINDS, RUN_STATES, RUN_TRIGGERS};

/// The runs of a connection, newest first.
#[derive(Debug, Template)]
#[template(path = "pages/runs.html")]
pub(crate) struct RunsPage {
    pub(crate) frame: Frame,
    pub(crate) head: ConnectionHead,
    pub(crate) filters: [RunFilter; 3],
    pub(crate) is_filtered: bool,
    pub(crate) rows: Vec<RunRow>,
    pub(crate) pager: Pager,
}

/// What to filter by: the words of an address and those on screen.
#[derive(Clone, Debug)]
pub(crate) struct RunFilter {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) chosen: &'static str,
    pub(crate) choices: Vec<(&'static str, &'static str)>,
}

/// One run in a list.
#[derive(Clone, Debug)]
pub(crate) struct RunRow {
    pub(crate) outcome: LastRun,
    pub(crate) kind: &'static str,
    pub(crate) trigger: &'static str,
    pub(crate) started: Option<When>,
    pub(crate) took: String,
    pub(crate) read: String,
    pub(crate) changed: String,
    /// Records corrected that a notification should have told.
    pub(crate) corrected: String,
    pub(crate) requests: String,
}

impl RunFilter {
    /// The three filters, as `list` has them chosen.
    pub(crate) fn all(list: &RunList) -> [Self; 3] {
        [
            Self::new(
                ("kind", "Kind", "All kinds"),
                words::word(RUN_KINDS, &list.kind),
                RUN_KINDS.iter().map(|(one, slug)| (*slug, kind(*one))),
            ),
            Self::new(
                ("state", "State", "All states"),
                words::word(RUN_STATES, &list.state),
                RUN_STATES.iter().map(|(one, slug)| (*slug, state(*one))),
            ),
            Self::new(
                ("trigger", "Why", "All reasons"),
                words::word(RUN_TRIGGERS, &list.trigger),
                RUN_TRIGGERS
                    .iter()
                    .map(|(one, slug)| (*slug, trigger(*one))),
            ),
        ]
    }

    fn new(
        (name, label, all): (&'static str, &'static str, &'static str),
        chosen: Option<&'static str>,
        choices: impl Iterator<Item = (&'static str, &'static str)>,
    ) -> Self {
        Self {
            name,
            label,
            chosen: chosen.unwrap_or_default(),
            choices: std::iter::once(("", all)).chain(choices).collect(),
        }
    }
}

impl RunRow {
    pub(crate) fn new(run: &Run, now: DateTime<Utc>) -> Self {
        let sum = |of: fn(&harken_contracts::wire::sync::v1::RunCounts) -> u64| {
            numbers::count(run.counts.iter().map(of).sum())
        };
        Self {
            outcome: LastRun::new(run, now),
            kind: kind(run.kind()),
            trigger: trigger(run.trigger()),
            started: When::read(run.started_at.as_ref().or(run.created_at.as_ref()), now),
            took: took(run, now),
            read: sum(|counts| counts.seen),
            changed: sum(|counts| counts.written + counts.deleted),
            corrected: numbers::count(run.drift.iter().map(|one| one.count).sum()),
            requests: numbers::count(run.requests),
        }
    }
}

/// What a run reads, in a word.
pub(crate) const fn kind(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Incremental => "Changes",
        RunKind::Full | RunKind::Unspecified => "Full",
    }
}

/// Where a run stands, in a word or two.
const fn state(state: RunState) -> &'static str {
    match state {
        RunState::Queued | RunState::Unspecified => "Waiting to begin",
        RunState::Running => "Going on",
        RunState::Complete => "Complete",
        RunState::CompleteWithGaps => "Complete with gaps",
        RunState::Failed => "Failed",
        RunState::Paused => "Paused",
    }
}

/// Why a run began, in words.
pub(crate) const fn trigger(trigger: RunTrigger) -> &'static str {
    match trigger {
        RunTrigger::Connected => "The workspace was connected",
        RunTrigger::Requested => "Asked for",
        RunTrigger::Scheduled => "It was due",
        RunTrigger::Silence => "Notifications had been silent",
        RunTrigger::Unspecified => "Unknown",
    }
}

/// How long a run took, or has been going on; a dash before it began.
pub(crate) fn took(run: &Run, now: DateTime<Utc>) -> String {
    let read = |at: Option<&_>| at.and_then(|at| datetime(at).ok());
    let Some(started) = read(run.started_at.as_ref()) else {
        return "–".to_owned();
    };
    let ended = read(run.ended_at.as_ref()).unwrap_or(now);
    span::in_words(u64::try_from((ended - started).num_seconds()).unwrap_or_default())
}
