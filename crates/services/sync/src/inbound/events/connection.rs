use harken_bus::{Delivery, Disposition, Handler};
use harken_contracts::{
    events::Event as _,
    wire::{
        events::v1::{ConnectionClosed, ConnectionOpened},
        types::v1::OnDisconnect,
    },
};
use harken_domain::{DataPolicy, Revision};
use harken_store::inbox;
use sqlx::PgConnection;

use crate::{
    app::{Closing, Sync},
    outbound::postgres::{StoreError, connections::Opening},
};

/// Name of the durable consumer, and of its inbox.
pub(crate) const CONSUMER: &str = "sync-connections";

/// Takes in that connections open and close. They are few: a transaction each.
#[derive(Debug)]
pub(crate) struct ConnectionChanged {
    sync: Sync,
}

impl ConnectionChanged {
    pub(crate) fn new(sync: Sync) -> Self {
        Self { sync }
    }

    async fn take(&self, message: &Delivery) -> Disposition {
        let taken = match message.event_type.as_str() {
            ConnectionOpened::TYPE => match message.decode() {
                Ok(opened) => self.opened(message, opened).await,
                Err(cause) => return cause.into(),
            },
            ConnectionClosed::TYPE => match message.decode() {
                Ok(closed) => self.closed(message, closed).await,
                Err(cause) => return cause.into(),
            },
            // A later version says more about connections than this one reads.
            _ => return Disposition::Done,
        };
        match taken {
            Ok(()) => Disposition::Done,
            Err(cause) => Disposition::again(cause),
        }
    }

    async fn opened(&self, message: &Delivery, opened: ConnectionOpened) -> Result<(), StoreError> {
        let opening = Opening {
            connection: message.connection,
            organization: message.organization,
            workspace_id: &opened.workspace_id,
            timezone: &opened.timezone,
            // A policy that is not known here is the stricter one.
            data_policy: DataPolicy::try_from(opened.data_policy())
                .unwrap_or(DataPolicy::MetadataOnly),
            revision: Revision(opened.revision),
            is_synthetic: opened.is_synthetic,
        };
        self.once(message, async |store| {
            self.sync.open_connection(store, &opening).await
        })
        .await?;
        self.sync.queued.notify_one();
        Ok(())
    }

    async fn closed(&self, message: &Delivery, closed: ConnectionClosed) -> Result<(), StoreError> {
        let closing = Closing {
            connection: message.connection,
            organization: message.organization,
            reason: &closed.reason,
            revision: Revision(closed.revision),
            is_synthetic: closed.is_synthetic,
            is_erased: closed.is_synthetic || closed.on_disconnect() == OnDisconnect::Purge,
        };
        self.once(message, async |store| {
            self.sync.close_connection(store, &closing).await
        })
        .await
    }

    /// Gives a message its effect once.
    async fn once(
        &self,
        message: &Delivery,
        effect: impl AsyncFnOnce(&mut PgConnection) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut tx = self.sync.store.begin().await?;
        if inbox::claim_one(&mut tx, CONSUMER, &message.message_id).await? {
            effect(&mut tx).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

impl Handler for ConnectionChanged {
    async fn handle(&self, batch: &[Delivery]) -> Vec<Disposition> {
        let mut dispositions = Vec::with_capacity(batch.len());
        for message in batch {
            dispositions.push(self.take(message).await);
        }
        dispositions
    }
}
