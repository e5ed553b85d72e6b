use harken_domain::ConnectionId;

use super::Edge;
use crate::outbound::postgres::{deliveries, quarantine, spool};

impl Edge {
    /// Forgets a connection of which nothing is to stay.
    pub(crate) async fn forget(&self, connection: ConnectionId) -> Result<(), sqlx::Error> {
        let mut transaction = self.store.begin().await?;
        deliveries::forget(&mut transaction, connection).await?;
        quarantine::forget(&mut transaction, connection).await?;
        spool::forget(&mut transaction, connection).await?;
        transaction.commit().await
    }
}
