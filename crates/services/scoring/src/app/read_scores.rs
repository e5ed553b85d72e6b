use harken_domain::{ConnectionId, CustomerId, OrganizationId};

use super::Scoring;
use crate::{
    outbound::postgres::{
        configurations,
        error::StoreError,
        listing::{self, LevelCounts},
        standings::{self, Standing},
    },
    rules::Configuration,
};

impl Scoring {
    /// Customers of an organization with their scores, in the order asked for; unknown ones are left out.
    pub(crate) async fn read_scores(
        &self,
        organization: OrganizationId,
        customers: &[CustomerId],
    ) -> Result<Vec<Standing>, StoreError> {
        let mut db = self.store.pool().acquire().await?;
        let configuration = configurations::current(&mut db, organization).await?;
        standings::read(&mut db, organization, customers, &configuration).await
    }

    /// The organization's configuration.
    pub(crate) async fn configuration(
        &self,
        organization: OrganizationId,
    ) -> Result<Configuration, StoreError> {
        let mut db = self.store.pool().acquire().await?;
        configurations::current(&mut db, organization).await
    }

    /// Customers per level; `None` for a connection that the organization does not have.
    pub(crate) async fn count_levels(
        &self,
        organization: OrganizationId,
        connection: Option<ConnectionId>,
    ) -> Result<Option<LevelCounts>, StoreError> {
        if !self.knows(organization, connection).await? {
            return Ok(None);
        }
        let mut db = self.store.pool().acquire().await?;
        Ok(Some(
            listing::count_levels(&mut db, organization, connection).await?,
        ))
    }
}
