use anyhow::{Context as _, Result};
use harken_contracts::wire::auth::v1::EnsureOrganizationRequest;
use harken_contracts::wire::auth::v1::auth_client::AuthClient;
use harken_contracts::wire::directory::v1::directory_client::DirectoryClient;
use harken_contracts::wire::ingress::v1::edge_client::EdgeClient;
use harken_contracts::wire::scoring::v1::scoring_client::ScoringClient;
use harken_contracts::wire::sync::v1::sync_client::SyncClient;
use harken_contracts::wire::vault::v1::vault_client::VaultClient;
use harken_contracts::wire::vault::v1::{
    ConnectionState, DisconnectRequest, ListConnectionsRequest, OpenSyntheticConnectionRequest,
};
use harken_domain::{Clock, ConnectionId, OrganizationId, Secret};
use harken_runtime::{Authorized, ServiceChannel, ServiceIdentity, ServiceSecret};

use crate::until;

/// Answers larger than tonic's own limit.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// An organization, and how to speak for it.
#[derive(Clone, Debug)]
pub struct Tenant {
    organization: OrganizationId,
    owner: String,
    vault: ServiceChannel,
    console: ServiceChannel,
    ingress: ServiceChannel,
    sync: ServiceChannel,
    scoring: ServiceChannel,
}

/// A workspace without an Intercom behind it, and what signs its notifications.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Its connection.
    pub connection: ConnectionId,
    /// Intercom's id of it, as notifications name it.
    pub workspace_id: String,
    /// The key of the signature.
    pub secret: String,
}

impl Workspace {
    /// Where notifications of an organization's own app are posted to.
    pub fn path(&self) -> String {
        format!("/api/v1/webhooks/intercom/{}", self.connection)
    }
}

impl Tenant {
    /// Founds an organization; `endpoint` tells where a service answers by its place among
    /// [`SERVICES`](super::SERVICES).
    pub(super) async fn found(
        service_secret: &str,
        endpoint: impl Fn(u16) -> String,
    ) -> Result<Self> {
        let secret = ServiceSecret::new(Secret::new(service_secret))?;
        let channel_of = |name, place| {
            let identity = ServiceIdentity::new(name, secret.clone(), Clock::system());
            ServiceChannel::connect_lazy(&endpoint(place), identity)
        };
        let channel = |place| channel_of("operator", place);
        let vault = channel(0)?;
        let request = EnsureOrganizationRequest {
            name: "Chaos".to_owned(),
            owner_email: "owner@chaos.example".to_owned(),
            owner_name: "Chaos Owner".to_owned(),
        };
        let ensured = AuthClient::new(vault.for_no_organization())
            .ensure_organization(request)
            .await?
            .into_inner();
        let organization = ensured.organization.context("no organization")?;
        Ok(Self {
            organization: organization.organization_id.parse()?,
            owner: ensured.owner.context("no owner")?.member_id,
            vault,
            console: channel_of("gateway", 0)?,
            ingress: channel(1)?,
            sync: channel(2)?,
            scoring: channel(3)?,
        })
    }

    /// Opens a workspace that takes notifications like any other, and waits until sync knows it.
    pub async fn open_workspace(&self, label: &str) -> Result<Workspace> {
        let request = OpenSyntheticConnectionRequest {
            label: label.to_owned(),
        };
        let opened = self
            .vault()
            .open_synthetic_connection(request)
            .await
            .context("the vault opens no synthetic connection")?
            .into_inner();
        let connection = opened.connection.context("no connection")?;
        let workspace = Workspace {
            connection: connection.connection_id.parse()?,
            workspace_id: connection.workspace_id,
            secret: opened.webhook_secret,
        };
        let request = harken_contracts::wire::sync::v1::GetLiveRequest {
            connection_id: workspace.connection.to_string(),
        };
        until("sync knows the workspace", async || {
            self.sync().get_live(request.clone()).await.ok()
        })
        .await?;
        Ok(workspace)
    }

    /// Ends every workspace that was opened.
    pub async fn close_workspaces(&self) -> Result<()> {
        let mut vault = self.vault();
        let listed = vault.list_connections(ListConnectionsRequest {}).await?;
        let open = listed
            .into_inner()
            .connections
            .into_iter()
            .filter(|connection| connection.state() == ConnectionState::Connected);
        for connection in open {
            let request = DisconnectRequest {
                connection_id: connection.connection_id,
            };
            vault.disconnect(request).await?;
        }
        Ok(())
    }

    /// The organization.
    pub const fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// Its owner, `mem_…`.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// `vault.v1`.
    pub fn vault(&self) -> VaultClient<Authorized> {
        VaultClient::new(self.vault.for_organization(self.organization))
    }

    /// `vault.v1` as the console asks it.
    pub fn console(&self) -> VaultClient<Authorized> {
        VaultClient::new(self.console.for_organization(self.organization))
    }

    /// `ingress.v1`.
    pub fn edge(&self) -> EdgeClient<Authorized> {
        EdgeClient::new(self.ingress.for_organization(self.organization))
    }

    /// `sync.v1`.
    pub fn sync(&self) -> SyncClient<Authorized> {
        SyncClient::new(self.sync.for_organization(self.organization))
            .max_decoding_message_size(MAX_ANSWER_BYTES)
    }

    /// `directory.v1`.
    pub fn directory(&self) -> DirectoryClient<Authorized> {
        DirectoryClient::new(self.sync.for_organization(self.organization))
            .max_decoding_message_size(MAX_ANSWER_BYTES)
    }

    /// `scoring.v1`.
    pub fn scoring(&self) -> ScoringClient<Authorized> {
        ScoringClient::new(self.scoring.for_organization(self.organization))
    }
}
