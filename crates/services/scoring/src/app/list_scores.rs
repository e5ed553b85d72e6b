use harken_domain::{ConnectionId, OrganizationId, Points};

use super::Scoring;
use crate::outbound::postgres::{
    configurations, connections,
    error::StoreError,
    listing::{self, Filter, Order, Position},
    planning::plan_afresh,
    standings::{self, Standing},
};

/// Which slice of which list.
#[derive(Clone, Debug)]
pub(crate) struct ListScores {
    pub(crate) filter: Filter,
    pub(crate) order: Order,
    pub(crate) after: Option<Position>,
    pub(crate) size: u32,
}

/// A slice, and where the next one begins.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) standings: Vec<Standing>,
    pub(crate) next: Option<Position>,
    pub(crate) total: u64,
}

/// Why there is no slice.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListScoresError {
    /// The organization does not have the connection.
    #[error("there is no such connection")]
    Connection,
    /// The customer where the last slice ended is gone.
    #[error("the list changed where the last slice ended")]
    Changed,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for ListScoresError {
    fn from(cause: sqlx::Error) -> Self {
        Self::Store(cause.into())
    }
}

impl Scoring {
    /// One slice of a list of scores.
    pub(crate) async fn list_scores(&self, list: ListScores) -> Result<Page, ListScoresError> {
        let ListScores {
            filter,
            order,
            after,
            size,
        } = list;
        let organization = filter.organization;
        if !self.knows(organization, filter.connection).await? {
            return Err(ListScoresError::Connection);
        }
        let mut tx = self.store.begin().await?;
        plan_afresh(&mut tx).await?;
        let configuration = configurations::current(&mut tx, organization).await?;
        if let (Order::Name, Some(after)) = (order, after) {
            let anchor = [after.customer];
            let found = standings::read(&mut tx, organization, &anchor, &configuration).await?;
            if found.is_empty() {
                return Err(ListScoresError::Changed);
            }
        }
        let mut customers = listing::slice(&mut tx, &filter, order, after, size + 1).await?;
        let goes_on = customers.len() > size as usize;
        customers.truncate(size as usize);
        let total = match after {
            Some(after) => after.total,
            None if goes_on => listing::count(&mut tx, &filter).await?,
            None => u64::try_from(customers.len()).unwrap_or(u64::MAX),
        };
        let standings = standings::read(&mut tx, organization, &customers, &configuration).await?;
        tx.commit().await?;
        let next = standings
            .last()
            .filter(|_| goes_on)
            .map(|last| position(last, total));
        Ok(Page {
            standings,
            next,
            total,
        })
    }

    /// Whether the organization has the connection; true for none.
    pub(crate) async fn knows(
        &self,
        organization: OrganizationId,
        connection: Option<ConnectionId>,
    ) -> Result<bool, StoreError> {
        let Some(connection) = connection else {
            return Ok(true);
        };
        let mut db = self.store.pool().acquire().await?;
        Ok(connections::is_known(&mut db, organization, connection).await?)
    }
}

fn position(last: &Standing, total: u64) -> Position {
    let points = last
        .score
        .as_ref()
        .and_then(|score| score.evaluation.points);
    Position {
        customer: last.customer.id,
        points: points.map(Points::get),
        last_seen_at: last
            .customer
            .profile
            .as_ref()
            .and_then(|profile| profile.last_seen_at),
        total,
    }
}
