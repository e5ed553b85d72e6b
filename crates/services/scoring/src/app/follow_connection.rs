use harken_store::{
    erasure::{self, Asked},
    inbox,
};

use super::Scoring;
use crate::outbound::postgres::{
    connections::{self, ConnectionState},
    error::StoreError,
};

/// Who claims messages in the inbox.
const CONSUMER: &str = "scoring-connections";

impl Scoring {
    /// Notes that a connection was opened or closed. The scores of a closed one stay, and time no longer moves them, unless
    /// every trace of it is to go: from here on what comes late finds it so.
    pub(crate) async fn follow_connection(
        &self,
        message_id: &str,
        state: ConnectionState,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        if inbox::claim_one(&mut tx, CONSUMER, message_id).await? {
            let is_news = connections::note(&mut tx, state).await?;
            if is_news && state.is_erased {
                let asked = Asked {
                    connection: state.connection,
                    organization: state.organization,
                    revision: state.revision,
                };
                erasure::ask(&mut tx, asked).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}
