mod api_keys;
mod audit;
mod call;
mod disconnect;
pub(crate) mod erasure;
pub(crate) mod keyring;
mod lines;
mod members;
mod oauth;
mod open;
mod organizations;
mod prove;
mod pseudonyms;
mod replace_token;
mod revoke;
mod sign_in;
mod synthetic;
mod tidy;
mod token;
mod uninstall;
mod webhook_keys;
mod webhook_secrets;

use harken_bus::Bus;
use harken_domain::{Clock, ConnectionId, OrganizationId, Secret};
use harken_intercom::{Direct, Hosts, OAuthApp};
use harken_store::Store;
use tokio::sync::Notify;
use url::Url;
use uuid::Uuid;

pub(crate) use api_keys::KeyError;
pub(crate) use audit::{Doer, ForeignDeed, RecordError};
pub(crate) use call::CallError;
pub(crate) use disconnect::DisconnectError;
pub(crate) use erasure::{Erased, Erasure, RemoveDataError, ShowError};
use keyring::Keyring;
pub(crate) use lines::LineError;
use lines::Lines;
pub(crate) use members::{MemberError, NewMember};
pub(crate) use oauth::{BeginError, Callback, CompleteError};
pub(crate) use open::OpenError;
pub(crate) use organizations::Founding;
pub(crate) use prove::{ProveError, Report};
pub(crate) use pseudonyms::PseudonymKeyError;
pub(crate) use replace_token::ReplaceError;
pub(crate) use sign_in::SignInError;
pub(crate) use synthetic::SyntheticError;
pub(crate) use token::{Connector, TokenError};
pub(crate) use webhook_keys::{WebhookKey, WebhookKeysError};
pub(crate) use webhook_secrets::WebhookSecretError;

use crate::outbound::postgres::{StoreError, connections};
use crate::rules::connection::Connection;

/// Everything the vault does, one file per noun.
pub(crate) struct Vault {
    pub(crate) store: Store,
    pub(crate) bus: Bus,
    pub(crate) clock: Clock,
    pub(crate) keyring: Keyring,
    pub(crate) direct: Direct,
    pub(crate) hosts: Hosts,
    /// Who we are to Intercom; none where connections are made by token alone.
    pub(crate) oauth: Option<OAuthSettings>,
    lines: Lines,
    /// Names this process among those that share a budget.
    process: Uuid,
    /// Wakes whoever revokes tokens.
    revocation_due: Notify,
    /// Wakes whoever checks uninstalls.
    uninstall_reported: Notify,
    /// Wakes whoever finishes erasures.
    erasure_moved: Notify,
}

/// Our own app at Intercom.
#[derive(Clone, Debug)]
pub(crate) struct OAuthSettings {
    pub app: OAuthApp,
    /// The client secret before it was replaced at Intercom: what was signed with it is still taken.
    pub previous_client_secret: Option<Secret>,
    /// Where Intercom sends the browser back, letter by letter as registered.
    pub redirect_uri: Url,
}

/// On whose behalf something is done: `mem_…`, `key_…` or the name of a service.
#[derive(Clone, Debug)]
pub(crate) struct Actor(pub String);

impl Vault {
    pub(crate) fn new(
        store: Store,
        bus: Bus,
        clock: Clock,
        keyring: Keyring,
        direct: Direct,
        (hosts, oauth): (Hosts, Option<OAuthSettings>),
    ) -> Self {
        let lines = Lines::new(clock.clone());
        Self {
            store,
            bus,
            clock,
            keyring,
            direct,
            hosts,
            oauth,
            lines,
            process: Uuid::new_v4(),
            revocation_due: Notify::new(),
            uninstall_reported: Notify::new(),
            erasure_moved: Notify::new(),
        }
    }

    pub(crate) async fn connection(
        &self,
        organization: OrganizationId,
        id: ConnectionId,
    ) -> Result<Option<Connection>, StoreError> {
        let mut postgres = self.store.pool().acquire().await?;
        connections::get(&mut postgres, organization, id).await
    }

    pub(crate) async fn connections(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<Connection>, StoreError> {
        let mut postgres = self.store.pool().acquire().await?;
        connections::list(&mut postgres, organization).await
    }
}
