use futures::future::join_all;
use harken_contracts::wire::ingress::v1::Deliveries;
use harken_contracts::wire::sync::v1::{Run, RunKind, RunState, RunTrigger, Status};
use harken_contracts::wire::vault::v1::{Connection, ConnectionMethod, ConnectionState};
use tonic::Code;

use crate::outbound::{Answer, Asking, Totals};
use crate::rules::connection_status::ConnectionStatus;
use crate::views::last_run::is_going_on;

/// The organization's connections and how their syncs stand: what every page shows around its content.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings {
    pub(crate) connections: Vec<Connection>,
    /// Connections without a workspace behind them.
    pub(crate) drills: Vec<Connection>,
    /// Of those connections that sync knows; empty while sync is away.
    pub(crate) statuses: Vec<Status>,
    /// Of those connections of which the edge tells; empty while it is away.
    deliveries: Vec<Deliveries>,
}

impl Surroundings {
    pub(crate) async fn of(asking: &Asking, totals: Totals) -> Answer<Self> {
        let is_real = |one: &Connection| one.method() != ConnectionMethod::Synthetic;
        let (connections, drills): (Vec<_>, Vec<_>) =
            asking.connections().await?.into_iter().partition(is_real);
        let standing = connections.iter().map(|one| status_of(asking, one, totals));
        let is_alive = |one: &&Connection| one.state() == ConnectionState::Connected;
        let heard = connections
            .iter()
            .filter(is_alive)
            .map(|one| asking.glance_at_deliveries(one.connection_id.clone()));
        let (statuses, deliveries) = tokio::join!(join_all(standing), join_all(heard));
        Ok(Self {
            statuses: statuses.into_iter().flatten().collect(),
            deliveries: deliveries.into_iter().filter_map(Result::ok).collect(),
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

    /// The connection whose records stay and follow Intercom no more, if it is this one.
    pub(crate) fn ended(&self, connection_id: &str) -> Option<&Connection> {
        self.connections.iter().find(|one| {
            one.connection_id == connection_id && one.state() != ConnectionState::Connected
        })
    }

    /// What a connection is doing.
    pub(crate) fn standing_of(&self, connection: &Connection) -> ConnectionStatus {
        let id = &connection.connection_id;
        let deliveries = self.deliveries.iter().find(|one| one.connection_id == *id);
        ConnectionStatus::of(connection, self.status_of(connection), deliveries)
    }

    /// Each connection by the name of its workspace.
    pub(crate) fn standings(&self) -> Vec<(&str, ConnectionStatus)> {
        self.connections
            .iter()
            .map(|one| (one.workspace_name.as_str(), self.standing_of(one)))
            .collect()
    }

    /// The run worth a banner: one that goes on, else the one that ended last, unless nothing follows from it any more.
    pub(crate) fn run(&self) -> Option<&Run> {
        let runs = || {
            let runs = self
                .statuses
                .iter()
                .filter_map(|status| status.latest_run.as_ref());
            runs.filter(|run| {
                run.state() == RunState::Failed || (self.is_connected(run) && is_news(run))
            })
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

/// What one connection is doing.
pub(crate) async fn standing(asking: &Asking, connection: &Connection) -> ConnectionStatus {
    if connection.state() != ConnectionState::Connected {
        return ConnectionStatus::of(connection, None, None);
    }
    let (status, deliveries) = tokio::join!(
        status_of(asking, connection, Totals::LeftOut),
        asking.glance_at_deliveries(connection.connection_id.clone())
    );
    ConnectionStatus::of(connection, status.as_ref(), deliveries.ok().as_ref())
}

/// What sync says of a connection; one that it has not heard of yet has had no run.
async fn status_of(asking: &Asking, connection: &Connection, totals: Totals) -> Option<Status> {
    let connection_id = connection.connection_id.clone();
    match asking.status(connection_id.clone(), totals).await {
        Ok(status) => Some(status),
        Err(refused) if refused.code() == Code::NotFound => Some(Status {
            connection_id,
            ..Status::default()
        }),
        Err(cause) => {
            tracing::debug!(error = %cause, "no status of sync");
            None
        }
    }
}

/// Runs that begin by themselves every few minutes are no news.
fn is_news(run: &Run) -> bool {
    run.kind() != RunKind::Incremental || run.trigger() == RunTrigger::Requested
}
