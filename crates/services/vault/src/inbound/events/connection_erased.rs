use std::sync::Arc;

use harken_bus::{Delivery, Disposition, Handler};
use harken_contracts::convert::datetime;
use harken_contracts::wire::events::v1::ConnectionErased;
use harken_domain::Revision;

use crate::app::{Erased, Vault};

/// Takes the receipts of services that erased a connection.
pub(crate) struct ReceiptHandler(pub(crate) Arc<Vault>);

impl Handler for ReceiptHandler {
    async fn handle(&self, batch: &[Delivery]) -> Vec<Disposition> {
        let mut dispositions = Vec::with_capacity(batch.len());
        for delivery in batch {
            dispositions.push(self.take(delivery).await);
        }
        dispositions
    }
}

impl ReceiptHandler {
    async fn take(&self, delivery: &Delivery) -> Disposition {
        let told: ConnectionErased = match delivery.decode() {
            Ok(told) => told,
            Err(cause) => return cause.into(),
        };
        let Some(at) = told.erased_at.as_ref().and_then(|at| datetime(at).ok()) else {
            return Disposition::dead("invalid", "erased_at is no moment");
        };
        let erased = Erased {
            message_id: delivery.message_id.clone(),
            connection: delivery.connection,
            organization: delivery.organization,
            service: told.service,
            revision: Revision(told.revision),
            counts: told
                .erased
                .into_iter()
                .map(|one| (one.place, one.count))
                .collect(),
            at,
        };
        match self.0.receive_receipt(&erased).await {
            Ok(()) => Disposition::Done,
            Err(cause) => Disposition::again(cause),
        }
    }
}
