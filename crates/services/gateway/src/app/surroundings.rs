use futures::future::join_all;
use harken_contracts::wire::sync::v1::{Run, RunState, Status};
use harken_contracts::wire::vault::v1::{Connection, ConnectionMethod, ConnectionState};

use crate::outbound::{Answer, Asking};
use crate::views::integrations::is_going_on;

/// The organization's connections and how their syncs stand: what every page shows around its content.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings {
    pub(crate) connections: Vec<Connection>,
    /// Connections without a workspace behind them.
    pub(crate) drills: Vec<Connection>,
    /// Of those connections that sync knows; empty while sync is away.
    pub(crate) statuses: Vec<Status>,
}

impl Surroundings {
    pub(crate) async fn of(asking: &Asking) -> Answer<Self> {
        let is_real = |one: &Connection| one.method() != ConnectionMethod::Synthetic;
        let (connections, drills): (Vec<_>, Vec<_>) =
            asking.connections().await?.into_iter().partition(is_real);
        let asked = connections
            .iter()
            .map(|one| asking.status(one.connection_id.clone()));
        let statuses = join_all(asked).await.into_iter().filter_map(|status| {
            let told =
                status.inspect_err(|cause| tracing::debug!(error = %cause, "no status of sync"));
            told.ok()
        });
        Ok(Self {
            statuses: statuses.collect(),
            connections,
            drills,
        })
    }

    pub(crate) fn status_of(&self, connection: &Connection) -> Option<&Status> {
        let id = &connection.connection_id;
        self.statuses
            .iter()
            .find(|status| status.connection_id == *id)
    }

    /// The run worth a banner: one that goes on, else the one that ended last, unless nothing follows from it any more.
    pub(crate) fn run(&self) -> Option<&Run> {
        let runs = || {
            let runs = self
                .statuses
                .iter()
                .filter_map(|status| status.latest_run.as_ref());
            runs.filter(|run| run.state() == RunState::Failed || self.is_connected(run))
        };
        let latest = || runs().max_by_key(|run| run.ended_at.as_ref().map_or(0, |at| at.seconds));
        runs().find(|run| is_going_on(run)).or_else(latest)
    }

    fn is_connected(&self, run: &Run) -> bool {
        let of_run = |one: &&Connection| one.connection_id == run.connection_id;
        let connection = self.connections.iter().find(of_run);
        connection.is_some_and(|one| one.state() == ConnectionState::Connected)
    }

    pub(crate) fn is_syncing(&self) -> bool {
        self.run().is_some_and(is_going_on)
    }
}
