use askama::Template;
use chrono::{DateTime, Utc};
use harken_contracts::wire::sync::v1::{Run, RunState, Status};
use harken_contracts::wire::vault::v1::{Connection, ConnectionMethod, ConnectionState};

use crate::rules::numbers;
use crate::rules::sentence::sentence;
use crate::views::banner::contacts_imported;
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::level::Level;
use crate::views::test_report::Report;
use crate::views::when::When;

/// Connected workspaces, and the way to connect one.
#[derive(Debug, Template)]
#[template(path = "pages/integrations.html")]
pub(crate) struct IntegrationsPage {
    pub(crate) frame: Frame,
    pub(crate) cards: Vec<Card>,
    pub(crate) drills: Vec<Drill>,
    /// What a test that was just made found, and of which connection.
    pub(crate) tested: Option<(String, Report)>,
}

/// One connected workspace.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    pub(crate) id: String,
    pub(crate) workspace_name: String,
    pub(crate) workspace_id: String,
    pub(crate) region: String,
    pub(crate) is_connected: bool,
    pub(crate) reason: String,
    pub(crate) connected_by: String,
    pub(crate) connected_at: Option<When>,
    pub(crate) method: &'static str,
    pub(crate) by_token: bool,
    pub(crate) last_run: Option<LastRun>,
    pub(crate) is_syncing: bool,
}

/// A connection without a workspace behind it.
#[derive(Clone, Debug)]
pub(crate) struct Drill {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) is_going_on: bool,
    pub(crate) opened: Option<When>,
}

impl Drill {
    pub(crate) fn new(connection: &Connection, now: DateTime<Utc>) -> Self {
        Self {
            id: connection.connection_id.clone(),
            name: connection.workspace_name.clone(),
            is_going_on: connection.state() == ConnectionState::Connected,
            opened: When::read(connection.connected_at.as_ref(), now),
        }
    }
}

/// How the last run went, in a line.
#[derive(Clone, Debug)]
pub(crate) struct LastRun {
    pub(crate) id: String,
    pub(crate) words: String,
    pub(crate) class: &'static str,
    pub(crate) when: Option<When>,
}

impl Card {
    pub(crate) fn new(
        connection: &Connection,
        status: Option<&Status>,
        now: DateTime<Utc>,
    ) -> Self {
        let run = status.and_then(|status| status.latest_run.as_ref());
        let by_token = connection.method() == ConnectionMethod::AccessToken;
        Self {
            id: connection.connection_id.clone(),
            workspace_name: connection.workspace_name.clone(),
            workspace_id: connection.workspace_id.clone(),
            region: connection.region.clone(),
            is_connected: connection.state() == ConnectionState::Connected,
            reason: sentence(&connection.state_reason),
            connected_by: connection.connected_by.clone(),
            connected_at: When::read(connection.connected_at.as_ref(), now),
            method: if by_token {
                "access token"
            } else {
                "Intercom sign-in (OAuth)"
            },
            by_token,
            last_run: run.map(|run| LastRun::new(run, now)),
            is_syncing: run.is_some_and(is_going_on),
        }
    }

    fn tested<'a>(&self, tested: Option<&'a (String, Report)>) -> Option<&'a Report> {
        tested
            .filter(|(id, _)| *id == self.id)
            .map(|(_, report)| report)
    }
}

impl LastRun {
    pub(crate) fn new(run: &Run, now: DateTime<Utc>) -> Self {
        let (words, class) = match run.state() {
            RunState::Queued | RunState::Unspecified => ("Waiting to begin".to_owned(), "busy"),
            RunState::Running => ("Going on".to_owned(), "busy"),
            RunState::Complete => (
                format!("Complete, {} imported", contacts_imported(run)),
                "healthy",
            ),
            RunState::CompleteWithGaps => {
                let gaps = numbers::counted(run.gap_count, "gap", "gaps");
                let imported = contacts_imported(run);
                (
                    format!("Complete with {gaps}, {imported} imported"),
                    "at_risk",
                )
            }
            RunState::Paused => ("Paused".to_owned(), "at_risk"),
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
