use askama::Template;
use chrono::{DateTime, Utc};
use harken_contracts::convert::datetime;
use harken_contracts::wire::sync::v1::{
    Gap, Run, RunCounts, RunKind, RunLogLine, RunState, SkipCount,
};

use crate::rules::numbers;
use crate::rules::run_advice::{Advice, RunFacts, Stage, advise};
use crate::rules::sentence::sentence;
use crate::views::banner::{self, Progress};
use crate::views::drift::CauseRow;
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::last_run::{LastRun, is_going_on};
use crate::views::pager::Pager;
use crate::views::runs::{took, trigger};
use crate::views::when::When;

/// One run: numbers, what it left out and why, what it could not get, its log.
#[derive(Debug, Template)]
#[template(path = "pages/run.html")]
pub(crate) struct RunPage {
    pub(crate) frame: Frame,
    pub(crate) id: String,
    pub(crate) connection_id: String,
    pub(crate) kind: &'static str,
    pub(crate) outcome: LastRun,
    pub(crate) is_over: bool,
    pub(crate) is_paused: bool,
    /// While it goes on.
    pub(crate) progress: Option<Progress>,
    pub(crate) reason: String,
    pub(crate) advice: Vec<Advice>,
    pub(crate) trigger: &'static str,
    pub(crate) took: String,
    pub(crate) requests: String,
    /// Parts held of those that Intercom counts; none where it counts none.
    pub(crate) parts: Option<String>,
    pub(crate) counts: Vec<CountRow>,
    pub(crate) has_truncated: bool,
    pub(crate) drift: Vec<CauseRow>,
    pub(crate) skips: Vec<String>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) gap_pager: Pager,
    pub(crate) log: Vec<LogRow>,
    pub(crate) log_pager: Pager,
    pub(crate) query: String,
    pub(crate) severity: String,
}

/// Numbers of one kind of record.
#[derive(Clone, Debug)]
pub(crate) struct CountRow {
    pub(crate) kind: String,
    pub(crate) total: String,
    pub(crate) seen: String,
    pub(crate) written: String,
    pub(crate) unchanged: String,
    pub(crate) skipped: String,
    pub(crate) deleted: String,
    pub(crate) truncated: String,
}

/// One line of the log.
#[derive(Clone, Debug)]
pub(crate) struct LogRow {
    pub(crate) when: Option<When>,
    pub(crate) severity: String,
    pub(crate) message: String,
    pub(crate) request_id: String,
}

/// What a page of a run shows besides the run itself.
#[derive(Debug, Default)]
pub(crate) struct RunExtras {
    pub(crate) gaps: Vec<Gap>,
    pub(crate) gap_pager: Pager,
    pub(crate) lines: Vec<RunLogLine>,
    pub(crate) log_pager: Pager,
    pub(crate) query: String,
    pub(crate) severity: String,
    /// Whether a run of the connection got to its end before.
    pub(crate) worked_before: bool,
}

impl RunPage {
    pub(crate) fn new(frame: Frame, run: &Run, extras: RunExtras, now: DateTime<Utc>) -> Self {
        Self {
            frame,
            id: run.run_id.clone(),
            connection_id: run.connection_id.clone(),
            kind: match run.kind() {
                RunKind::Incremental => "Sync of what changed",
                RunKind::Full | RunKind::Unspecified => "Full sync",
            },
            is_over: !is_going_on(run),
            is_paused: run.state() == RunState::Paused,
            progress: (run.state() == RunState::Running).then(|| banner::progress(run)),
            advice: advise(facts(run, extras.worked_before, now)),
            outcome: LastRun::new(run, now),
            reason: sentence(&run.reason),
            trigger: trigger(run.trigger()),
            took: took(run, now),
            requests: numbers::count(run.requests),
            parts: (run.parts_counted > 0).then(|| {
                format!(
                    "{} of {}",
                    numbers::count(run.parts_held),
                    numbers::count(run.parts_counted)
                )
            }),
            counts: run.counts.iter().map(CountRow::new).collect(),
            has_truncated: run.counts.iter().any(|counts| counts.truncated > 0),
            drift: CauseRow::found(&run.drift),
            skips: run
                .counts
                .iter()
                .flat_map(|counts| &counts.skips)
                .map(skip)
                .collect(),
            gaps: extras.gaps,
            gap_pager: extras.gap_pager,
            log: extras
                .lines
                .into_iter()
                .map(|line| LogRow::new(line, now))
                .collect(),
            log_pager: extras.log_pager,
            query: extras.query,
            severity: extras.severity,
        }
    }
}

impl CountRow {
    fn new(counts: &RunCounts) -> Self {
        Self {
            kind: counts.kind.clone(),
            total: counts.total.map_or_else(|| "–".to_owned(), numbers::count),
            seen: numbers::count(counts.seen),
            written: numbers::count(counts.written),
            unchanged: numbers::count(counts.unchanged),
            skipped: numbers::count(counts.skipped),
            deleted: numbers::count(counts.deleted),
            truncated: numbers::count(counts.truncated),
        }
    }
}

impl LogRow {
    fn new(line: RunLogLine, now: DateTime<Utc>) -> Self {
        Self {
            when: When::read(line.at.as_ref(), now),
            severity: line.severity,
            message: line.message,
            request_id: line.intercom_request_id,
        }
    }

    fn class(&self) -> &'static str {
        match self.severity.as_str() {
            "error" => "critical",
            "warning" => "at_risk",
            _ => "na",
        }
    }
}

fn facts(run: &Run, worked_before: bool, now: DateTime<Utc>) -> RunFacts {
    let contacts = run.counts.iter().find(|counts| counts.kind == "contacts");
    let began = run.started_at.as_ref().and_then(|at| datetime(at).ok());
    let secs = || began.map_or(0, |began| (now - began).num_seconds());
    RunFacts {
        is_full: run.kind() != RunKind::Incremental,
        stage: match run.state() {
            RunState::Queued | RunState::Paused | RunState::Unspecified => Stage::Waiting,
            RunState::Running => Stage::GoingOn {
                secs: u64::try_from(secs()).unwrap_or_default(),
            },
            RunState::Complete | RunState::CompleteWithGaps => Stage::Complete,
            RunState::Failed => Stage::Failed,
        },
        worked_before,
        contacts_seen: contacts.map_or(0, |counts| counts.seen),
        contacts_left_out: contacts.map_or(0, |counts| counts.skipped),
        parts_held: run.parts_held,
        parts_counted: run.parts_counted,
    }
}

/// Why records were left out, in words.
fn skip(skip: &SkipCount) -> String {
    match skip.reason.as_str() {
        "no_valid_email" => format!(
            "{} no valid e-mail address. A customer is recognised by its address; give the contact one in Intercom, then retry the sync.",
            numbers::counted(
                skip.count,
                "contact is missing from Customers: it has",
                "contacts are missing from Customers: they have"
            )
        ),
        "no_known_contact" => format!(
            "{} to no contact that is a customer, so no score depends on them.",
            numbers::counted(skip.count, "conversation belongs", "conversations belong")
        ),
        other => format!(
            "{} left out: {}.",
            numbers::counted(skip.count, "record was", "records were"),
            other.replace('_', " ")
        ),
    }
}
