//! Who reads a workspace: all of it, or its structure alone.

use harken_domain::{ConnectionId, DataPolicy, OrganizationId};
use harken_intercom::{Priority, Reader, TransportError, Veil};

use super::Sync;
use crate::outbound::{
    postgres::{StoreError, connections},
    vault::{self, VaultTransport},
};

/// Why nothing can be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoReader {
    /// For good: there is nothing to name people by.
    #[error("there is no key of pseudonyms")]
    NoKey,
    /// The vault gave no answer; later may help.
    #[error(transparent)]
    Vault(TransportError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Sync {
    /// A reader of a connection's workspace, over a transport to it. Where structure alone was invited, it yields nothing else: that is decided here,
    /// for runs and repairs alike, and nobody behind it need know.
    pub(super) async fn reader(
        &self,
        (organization, connection): (OrganizationId, ConnectionId),
        priority: Priority,
        transport: VaultTransport,
    ) -> Result<Reader<VaultTransport>, NoReader> {
        let reader = Reader::new(transport, priority);
        let known = {
            let mut store = self
                .store
                .pool()
                .acquire()
                .await
                .map_err(StoreError::from)?;
            connections::find(&mut store, organization, connection).await?
        };
        if known.is_some_and(|known| known.data_policy == DataPolicy::Full) {
            return Ok(reader);
        }
        let key = vault::pseudonym_key(&self.vault, organization, connection).await;
        let key = key.map_err(NoReader::Vault)?.ok_or(NoReader::NoKey)?;
        Ok(reader.veiled(Veil::new(key)))
    }
}
