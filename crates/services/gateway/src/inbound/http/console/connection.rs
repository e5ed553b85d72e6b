//! One connection, with all that surrounds a page about it.

use harken_contracts::wire::vault::v1::Connection;
use harken_domain::ConnectionId;

use super::visit::Visit;
use crate::app::Surroundings;
use crate::inbound::http::refusal::Refused;
use crate::rules::numbers;
use crate::views::connection_head::{ConnectionHead, Tab};
use crate::views::frame::{Frame, Section};

/// What a page about one connection begins with.
pub(super) struct Subject {
    pub(super) connection: Connection,
    pub(super) around: Surroundings,
}

impl Subject {
    /// The connection that an address names.
    pub(super) async fn read(visit: &Visit, connection: ConnectionId) -> Refused<Self> {
        Self::read_within(visit, visit.surroundings(), connection).await
    }

    /// The same, knowing its [`customers`](Self::customers).
    pub(super) async fn read_with_totals(visit: &Visit, connection: ConnectionId) -> Refused<Self> {
        Self::read_within(visit, visit.surroundings_with_totals(), connection).await
    }

    async fn read_within(
        visit: &Visit,
        around: impl Future<Output = Refused<Surroundings>>,
        connection: ConnectionId,
    ) -> Refused<Self> {
        let asking = visit.asking();
        let (around, found) = tokio::join!(around, asking.connection(connection));
        Ok(Self {
            connection: found?,
            around: around?,
        })
    }

    pub(super) fn frame(&self, visit: &Visit) -> Frame {
        visit.frame(Section::Integrations, &self.around)
    }

    pub(super) fn head(&self, tab: Tab) -> ConnectionHead {
        ConnectionHead::new(tab, &self.connection, &self.around)
    }

    /// Its customers in words: `512 customers`, or `Customers` where their number is not known.
    pub(super) fn customers(&self) -> String {
        let status = self.around.status_of(&self.connection);
        status.map_or_else(
            || "Customers".to_owned(),
            |status| numbers::counted(status.customers, "customer", "customers"),
        )
    }
}
