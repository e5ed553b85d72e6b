use harken_store::inbox;

use super::Scoring;
use crate::outbound::postgres::{
    connections::{self, ConnectionState},
    error::StoreError,
};

/// Who claims messages in the inbox.
const CONSUMER: &str = "scoring-connections";

impl Scoring {
    /// Notes that a connection was opened or closed. The scores of a closed one stay; time no longer moves them. Nothing stays
    /// of a closed one that was synthetic.
    pub(crate) async fn follow_connection(
        &self,
        message_id: &str,
        state: ConnectionState,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        let is_erased = connections::note(&mut tx, state).await?;
        if !is_erased {
            inbox::claim_one(&mut tx, CONSUMER, message_id).await?;
            return Ok(tx.commit().await?);
        }
        // From here on what comes late finds it closed. The message counts as taken only when everything is gone.
        tx.commit().await?;
        self.erase_connection(state.organization, state.connection)
            .await?;
        let mut db = self.store.pool().acquire().await?;
        inbox::claim_one(&mut db, CONSUMER, message_id).await?;
        Ok(())
    }
}
