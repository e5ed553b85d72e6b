use harken_domain::{ConnectionId, OrganizationId};

use super::super::Vault;
use crate::outbound::postgres::erasure_receipts::{self, Receipt};
use crate::outbound::postgres::{StoreError, connections, erasure_requests};
use crate::rules::erasure::Standing;

/// What became of an erasure.
#[derive(Debug)]
pub(crate) struct Erasure {
    pub connection: ConnectionId,
    /// None if nobody asked for one.
    pub standing: Option<Standing>,
    /// In the order of arrival.
    pub receipts: Vec<Receipt>,
    pub is_overdue: bool,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ShowError {
    #[error("there is no such connection")]
    NoSuchConnection,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Vault {
    /// Tells what every service erased.
    pub(crate) async fn erasure(
        &self,
        organization: OrganizationId,
        id: ConnectionId,
    ) -> Result<Erasure, ShowError> {
        let mut postgres = self
            .store
            .pool()
            .acquire()
            .await
            .map_err(StoreError::from)?;
        let known = connections::get(&mut postgres, organization, id).await?;
        known.ok_or(ShowError::NoSuchConnection)?;
        let request = erasure_requests::get(&mut postgres, organization, id).await?;
        let receipts = erasure_receipts::list(&mut postgres, id).await?;
        let standing = request.map(|request| Standing {
            requested_at: request.requested_at,
            completed_at: request.completed_at,
            answered: receipts.iter().map(|it| it.service.clone()).collect(),
        });
        let now = self.clock.now();
        Ok(Erasure {
            connection: id,
            is_overdue: standing.as_ref().is_some_and(|it| it.is_overdue(now)),
            standing,
            receipts,
        })
    }
}
