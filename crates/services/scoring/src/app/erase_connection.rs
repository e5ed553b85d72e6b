use harken_domain::{ConnectionId, OrganizationId};

use super::Scoring;
use crate::outbound::postgres::{erasure, error::StoreError};

impl Scoring {
    /// Erases every row of a connection but its own, a bounded number at a time. Stopped halfway, it goes on when it is
    /// asked again.
    pub(crate) async fn erase_connection(
        &self,
        organization: OrganizationId,
        connection: ConnectionId,
    ) -> Result<(), StoreError> {
        let mut rows = 0;
        loop {
            let mut tx = self.store.begin().await?;
            let erased = erasure::erase_some(&mut tx, organization, connection).await?;
            tx.commit().await?;
            if erased == 0 {
                tracing::info!(connection.id = %connection, rows, "a synthetic connection was erased");
                return Ok(());
            }
            rows += erased;
        }
    }
}
