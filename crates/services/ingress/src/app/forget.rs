use harken_domain::ConnectionId;
use harken_store::erasure::{self, Asked};

use super::Edge;

impl Edge {
    /// Takes down that nothing of a connection is to stay. What still arrives for it is dropped from here on.
    pub(crate) async fn forget(&self, asked: Asked) -> Result<(), sqlx::Error> {
        let mut transaction = self.store.begin().await?;
        erasure::ask(&mut transaction, asked).await?;
        transaction.commit().await
    }

    /// Asks the vault anew where notifications of a connection go.
    pub(crate) fn doubt(&self, connection: ConnectionId) {
        self.keys.forget(connection);
        self.routes.forget(connection);
    }
}
