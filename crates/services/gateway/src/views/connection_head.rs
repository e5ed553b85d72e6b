use harken_contracts::wire::vault::v1::Connection;

use crate::app::Surroundings;
use crate::views::connection_badge::ConnectionBadge;

/// The head of each page about one connection, with the way to the others.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionHead {
    pub(crate) id: String,
    pub(crate) workspace_name: String,
    pub(crate) badge: ConnectionBadge,
    pub(crate) title: &'static str,
    tab: Tab,
}

/// A page about one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    Runs,
    Completeness,
    Drift,
    Stored,
    Settings,
    Webhooks,
}

impl Tab {
    const ALL: [Self; 6] = [
        Self::Runs,
        Self::Completeness,
        Self::Drift,
        Self::Stored,
        Self::Settings,
        Self::Webhooks,
    ];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Runs => "Sync history",
            Self::Completeness => "Completeness",
            Self::Drift => "Drift",
            Self::Stored => "What is stored",
            Self::Settings => "Sync settings",
            Self::Webhooks => "Webhooks",
        }
    }

    fn path(self, id: &str) -> String {
        match self {
            Self::Runs => format!("/integrations/{id}/runs"),
            Self::Completeness => format!("/integrations/{id}/completeness"),
            Self::Drift => format!("/integrations/{id}/drift"),
            Self::Stored => format!("/integrations/{id}/stored"),
            Self::Settings => format!("/integrations/{id}/settings"),
            Self::Webhooks => format!("/settings/integrations/{id}"),
        }
    }
}

impl ConnectionHead {
    pub(crate) fn new(tab: Tab, connection: &Connection, around: &Surroundings) -> Self {
        Self {
            id: connection.connection_id.clone(),
            workspace_name: connection.workspace_name.clone(),
            badge: ConnectionBadge(around.standing_of(connection)),
            title: tab.word(),
            tab,
        }
    }

    /// Each page with its address, and whether it is this one.
    pub(crate) fn tabs(&self) -> Vec<(Tab, String, bool)> {
        Tab::ALL
            .into_iter()
            .map(|tab| (tab, tab.path(&self.id), tab == self.tab))
            .collect()
    }
}
