use std::fmt;
use std::sync::Arc;

use futures::StreamExt as _;
use harken_bus::{Bus, ConsumerSpec, WatchError, WatchFrom};
use harken_contracts::subjects::{self, Stream};
use harken_contracts::wire::auth::v1::auth_server::AuthServer;
use harken_contracts::wire::vault::v1::vault_server::VaultServer;
use harken_domain::{Clock, OrganizationId};
use harken_intercom::{ClientError, Direct};
use harken_runtime::Shutdown;
use harken_runtime::grpc::{MAX_REQUEST_BYTES, Services};
use harken_store::outbox::Relay;
use harken_store::{SchemaMigrations, Store};

use crate::Config;
use crate::app::Vault;
use crate::app::erasure::CONSUMER;
use crate::app::keyring::Keyring;
use crate::inbound::events::connection_changed;
use crate::inbound::events::connection_erased::ReceiptHandler;
use crate::inbound::grpc::{AuthRpc, VaultRpc};
use crate::outbound::postgres::{StoreError, audit, sealed_secrets};
use crate::rules::audit_chain::BrokenChain;

/// The name of the vault's schema.
const SCHEMA: &str = "vault";

/// What the vault is built on.
#[derive(Clone, Debug)]
pub struct Rails {
    /// Its schema `vault`.
    pub store: Store,
    pub bus: Bus,
    pub clock: Clock,
}

/// Why the vault cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error(transparent)]
    Client(#[from] ClientError),
    /// What is sealed would not open.
    #[error(
        "tokens are sealed under key-encryption key {stored}, but HARKEN_KEY_ENCRYPTION_KEY_FILE holds {given}; \
         give back the key that was there before"
    )]
    ForeignKey { stored: String, given: String },
    #[error("the vault's tables cannot be read")]
    Store(#[source] sqlx::Error),
}

/// Why the vault stopped.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("changes of connections cannot be followed")]
    Watch(#[from] WatchError),
}

/// Why nothing can be said about an audit log.
#[derive(Debug, thiserror::Error)]
#[error("the audit log cannot be read")]
pub struct AuditUnreadable(#[source] Box<dyn std::error::Error + Send + Sync>);

/// The vault's tables.
pub fn migrations() -> SchemaMigrations {
    SchemaMigrations {
        schema: SCHEMA,
        migrator: sqlx::migrate!("../../../migrations/vault"),
    }
}

/// Walks the audit log of an organization; answers how many entries it has, or where its chain is broken.
pub async fn verify_audit_log(
    store: &Store,
    organization: OrganizationId,
) -> Result<Result<i64, BrokenChain>, AuditUnreadable> {
    let unreadable = |error: StoreError| AuditUnreadable(error.into());
    let mut postgres = store
        .pool()
        .acquire()
        .await
        .map_err(|error| AuditUnreadable(error.into()))?;
    audit::verify(&mut postgres, organization)
        .await
        .map_err(unreadable)
}

/// Builds the vault; it answers once its rpcs are served, and works once it runs.
pub async fn build(config: Config, rails: Rails) -> Result<Service, BuildError> {
    let direct = Direct::new(config.patience, config.through_proxy)?;
    let keyring = Keyring::new(config.key_encryption_key);
    let mut postgres = rails
        .store
        .pool()
        .acquire()
        .await
        .map_err(BuildError::Store)?;
    match sealed_secrets::foreign_key_id(&mut postgres, keyring.id()).await {
        Ok(None) => {}
        Ok(Some(stored)) => {
            return Err(BuildError::ForeignKey {
                stored,
                given: keyring.id().to_owned(),
            });
        }
        Err(StoreError::Postgres(error)) => return Err(BuildError::Store(error)),
        Err(StoreError::Inconsistent { .. }) => {}
    }
    drop(postgres);
    let Rails { store, bus, clock } = rails;
    let settings = (config.hosts, config.oauth);
    let vault = Vault::new(store, bus, clock, keyring, direct, settings);
    Ok(Service {
        vault: Arc::new(vault),
    })
}

/// The vault, built.
pub struct Service {
    vault: Arc<Vault>,
}

impl Service {
    /// What it answers: `auth.v1` and `vault.v1`.
    pub fn grpc(&self) -> Services {
        let vault = VaultServer::new(VaultRpc::new(self.vault.clone()));
        Services::new()
            .add(AuthServer::new(AuthRpc::new(self.vault.clone())))
            .add(vault.max_decoding_message_size(MAX_REQUEST_BYTES))
    }

    /// Works until `shutdown`: relays events, revokes tokens, checks uninstalls, finishes erasures, forgets what has lapsed.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), RunError> {
        let vault = self.vault;
        let changes = vault
            .bus
            .watch(vec![subjects::all_connections()], WatchFrom::New)
            .await?;
        let relay = Relay::new(vault.store.clone(), vault.bus.clone());
        let follow = changes.for_each(|change| {
            connection_changed::take(&vault, &change);
            std::future::ready(())
        });
        let receipts = ConsumerSpec::new(CONSUMER, Stream::Signal, vec![subjects::all_erasures()]);
        let receive = ReceiptHandler(vault.clone());
        tokio::join!(
            vault.bus.consume(receipts, receive, shutdown.clone()),
            vault.keep_finishing_erasures(&shutdown),
            relay.run(shutdown.clone()),
            vault.keep_revoking(&shutdown),
            vault.keep_checking_uninstalls(&shutdown),
            vault.keep_tidy(&shutdown),
            async {
                tokio::select! {
                    () = follow => {}
                    () = shutdown.requested() => {}
                }
            },
        );
        Ok(())
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").finish_non_exhaustive()
    }
}
