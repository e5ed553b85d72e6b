use sqlx::PgConnection;

use super::Sync;
use crate::outbound::postgres::{
    StoreError,
    connections::{self, Opening},
    runs::Trigger,
    settings,
};

impl Sync {
    /// Takes in that a connection opened, in the transaction of its message: everything is to be read. One that only got
    /// another token goes on.
    pub(crate) async fn open_connection(
        &self,
        store: &mut PgConnection,
        opening: &Opening<'_>,
    ) -> Result<(), StoreError> {
        let before = connections::find(store, opening.organization, opening.connection).await?;
        // What is known is newer: the connection was closed, or opened again, since.
        if !connections::open(store, opening).await? {
            return Ok(());
        }
        if before.is_some_and(|known| known.is_open) {
            return Ok(());
        }
        let connection = connections::find(store, opening.organization, opening.connection).await?;
        if let Some(connection) = connection.filter(|connection| !connection.is_synthetic) {
            settings::lock(store, opening.connection).await?;
            self.queue_run(store, &connection, Trigger::Connected)
                .await?;
        }
        Ok(())
    }
}
