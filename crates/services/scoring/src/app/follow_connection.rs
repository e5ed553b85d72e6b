use harken_store::inbox;

use super::Scoring;
use crate::outbound::postgres::{
    connections::{self, ConnectionState},
    error::StoreError,
};

/// Who claims messages in the inbox.
const CONSUMER: &str = "scoring-connections";

impl Scoring {
    /// Notes that a connection was opened or closed. The scores of a closed one stay; time no longer moves them.
    pub(crate) async fn follow_connection(
        &self,
        message_id: &str,
        state: ConnectionState,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        if inbox::claim_one(&mut tx, CONSUMER, message_id).await? {
            connections::note(&mut tx, state).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
