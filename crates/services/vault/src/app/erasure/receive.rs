use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, OrganizationId, Revision};
use harken_store::inbox;

use super::super::Vault;
use crate::outbound::postgres::{StoreError, erasure_receipts, erasure_requests};
use crate::rules::erasure::ANSWERING;

/// Who claims messages in the inbox.
pub(crate) const CONSUMER: &str = "vault-erasures";

/// What a service tells that it erased.
#[derive(Debug)]
pub(crate) struct Erased {
    pub message_id: String,
    pub connection: ConnectionId,
    pub organization: OrganizationId,
    pub service: String,
    /// Of the closing that asked for it.
    pub revision: Revision,
    /// Rows by table.
    pub counts: Vec<(String, u64)>,
    pub at: DateTime<Utc>,
}

impl Vault {
    /// Keeps the receipt of a service. One that nobody asked for is let pass.
    pub(crate) async fn receive_receipt(&self, told: &Erased) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        if !inbox::claim_one(&mut tx, CONSUMER, &told.message_id).await? {
            return Ok(());
        }
        let asked = erasure_requests::get(&mut tx, told.organization, told.connection).await?;
        let is_asked = asked.is_some_and(|asked| asked.revision == told.revision);
        if is_asked && ANSWERING.contains(&told.service.as_str()) {
            let (id, service) = (told.connection, told.service.as_str());
            if erasure_receipts::insert(&mut tx, id, service, told.at).await? {
                let erased: Vec<(&str, u64)> = told
                    .counts
                    .iter()
                    .map(|(place, count)| (place.as_str(), *count))
                    .collect();
                erasure_receipts::count(&mut tx, id, service, &erased).await?;
            }
        }
        tx.commit().await?;
        self.erasure_moved.notify_one();
        Ok(())
    }
}
