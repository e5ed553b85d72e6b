use askama::Template;
use chrono::{DateTime, Utc};
use harken_contracts::convert::datetime;
use harken_contracts::wire::sync::v1::{Run, RunTrigger};

use crate::rules::{numbers, span};
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::integrations::LastRun;
use crate::views::pager::Pager;

/// The runs of a connection, newest first.
#[derive(Debug, Template)]
#[template(path = "pages/runs.html")]
pub(crate) struct RunsPage {
    pub(crate) frame: Frame,
    pub(crate) workspace_name: String,
    pub(crate) rows: Vec<RunRow>,
    pub(crate) pager: Pager,
}

/// One run in a list.
#[derive(Clone, Debug)]
pub(crate) struct RunRow {
    pub(crate) outcome: LastRun,
    pub(crate) trigger: &'static str,
    pub(crate) took: String,
    pub(crate) records: String,
    pub(crate) requests: String,
}

impl RunRow {
    pub(crate) fn new(run: &Run, now: DateTime<Utc>) -> Self {
        let written: u64 = run.counts.iter().map(|counts| counts.written).sum();
        Self {
            outcome: LastRun::new(run, now),
            trigger: trigger(run.trigger()),
            took: took(run, now),
            records: numbers::count(written),
            requests: numbers::count(run.requests),
        }
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
