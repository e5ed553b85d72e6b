use askama::Template;
use chrono::{DateTime, Utc};
use harken_contracts::wire::sync::v1::{RunKind, Status};
use harken_contracts::wire::vault::v1::{Connection, ConnectionMethod, ConnectionState, Erasure};

use crate::rules::connection_status::{ConnectionStatus, Trouble};
use crate::rules::sentence::sentence;
use crate::views::connect_form::ConnectForm;
use crate::views::connection_badge::ConnectionBadge;
use crate::views::erasure::waited_for;
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::last_run::{LastRun, is_going_on};
use crate::views::level::Level;
use crate::views::policy;
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
    /// Where no workspace is connected yet.
    pub(crate) connect: ConnectForm,
}

/// One connected workspace.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    pub(crate) id: String,
    pub(crate) workspace_name: String,
    pub(crate) workspace_id: String,
    pub(crate) region: String,
    pub(crate) badge: ConnectionBadge,
    pub(crate) life: Life,
    pub(crate) troubles: Vec<Trouble>,
    pub(crate) connected_by: String,
    pub(crate) connected_at: Option<When>,
    pub(crate) method: &'static str,
    pub(crate) by_token: bool,
    pub(crate) policy: &'static str,
    pub(crate) end: &'static str,
    pub(crate) data_policy: &'static str,
    pub(crate) on_disconnect: &'static str,
    pub(crate) last_run: Option<LastRun>,
    /// Why the last run did not get everything, with the remedy; empty if it did.
    pub(crate) last_error: String,
    pub(crate) next_run: Option<When>,
    pub(crate) is_syncing: bool,
    pub(crate) is_paused: bool,
}

/// Where a connection is in its life, with what a card says of it.
#[derive(Clone, Debug)]
pub(crate) enum Life {
    Alive,
    /// With the evidence.
    Disconnected {
        reason: String,
        at: Option<When>,
    },
    /// With what is waited for; empty while that is not known.
    Erasing {
        waiting_for: String,
        is_overdue: bool,
    },
    Erased,
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

impl Card {
    pub(crate) fn new(
        connection: &Connection,
        standing: ConnectionStatus,
        status: Option<&Status>,
        erasure: Option<&Erasure>,
        now: DateTime<Utc>,
    ) -> Self {
        let run = status.and_then(|status| status.latest_run.as_ref());
        let by_token = connection.method() == ConnectionMethod::AccessToken;
        Self {
            id: connection.connection_id.clone(),
            workspace_name: connection.workspace_name.clone(),
            workspace_id: connection.workspace_id.clone(),
            region: connection.region.clone(),
            life: Life::of(&standing, connection, erasure, now),
            troubles: standing.troubles().to_vec(),
            badge: ConnectionBadge(standing),
            connected_by: connection.connected_by.clone(),
            connected_at: When::read(connection.connected_at.as_ref(), now),
            method: if by_token {
                "access token"
            } else {
                "Intercom sign-in (OAuth)"
            },
            by_token,
            policy: policy::kept(connection.data_policy()),
            end: policy::at_the_end(connection.on_disconnect()),
            data_policy: policy::slug(connection.data_policy()),
            on_disconnect: policy::end_slug(connection.on_disconnect()),
            last_run: run.map(|run| LastRun::new(run, now)),
            last_error: status.map_or_else(String::new, |status| sentence(&status.last_error)),
            next_run: status.and_then(|status| When::read(status.next_run_at.as_ref(), now)),
            // An incremental run is short, and asking for another while it goes on does no harm.
            is_syncing: run
                .is_some_and(|run| is_going_on(run) && run.kind() != RunKind::Incremental),
            is_paused: status.is_some_and(|status| status.is_paused),
        }
    }

    fn tested<'a>(&self, tested: Option<&'a (String, Report)>) -> Option<&'a Report> {
        tested
            .filter(|(id, _)| *id == self.id)
            .map(|(_, report)| report)
    }

    /// Whether nothing of it is left but the receipts.
    const fn is_erased(&self) -> bool {
        matches!(self.life, Life::Erased)
    }

    const fn is_alive(&self) -> bool {
        matches!(self.life, Life::Alive)
    }

    const fn is_disconnected(&self) -> bool {
        matches!(self.life, Life::Disconnected { .. })
    }
}

impl IntegrationsPage {
    /// Whether nothing but what is gone or going stands here.
    fn has_none(&self) -> bool {
        let is_over = |card: &Card| matches!(card.life, Life::Erasing { .. } | Life::Erased);
        self.cards.iter().all(is_over)
    }
}

impl Life {
    fn of(
        standing: &ConnectionStatus,
        connection: &Connection,
        erasure: Option<&Erasure>,
        now: DateTime<Utc>,
    ) -> Self {
        match standing {
            ConnectionStatus::Disconnected => Self::Disconnected {
                reason: sentence(&connection.state_reason),
                at: When::read(connection.disconnected_at.as_ref(), now),
            },
            ConnectionStatus::Disconnecting => Self::Erasing {
                waiting_for: erasure.map_or_else(String::new, waited_for),
                is_overdue: erasure.is_some_and(|erasure| erasure.is_overdue),
            },
            ConnectionStatus::Purged => Self::Erased,
            _ => Self::Alive,
        }
    }
}
