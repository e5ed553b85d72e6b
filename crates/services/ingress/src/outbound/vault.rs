use std::sync::Arc;

use harken_contracts::convert::datetime;
use harken_contracts::wire::types::v1 as types;
use harken_contracts::wire::vault::v1::vault_client::VaultClient;
use harken_contracts::wire::vault::v1::{
    GetConnectionRequest, GetWebhookKeysRequest, ReportUninstallRequest, ResolveWorkspaceRequest,
    WebhookKeys, WebhookRoute,
};
use harken_domain::{ConnectionId, DataPolicy, OrganizationId};
use harken_intercom::PseudonymKey;
use harken_runtime::{Authorized, ServiceChannel};
use tonic::{Code, Status};

use crate::rules::address::Address;
use crate::rules::key::{Key, Keys};
use crate::rules::route::{Keeps, Route};

/// The vault does not answer, or what it answers makes no sense.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the vault is away")]
pub(crate) struct Away;

/// The vault, as the edge asks it.
#[derive(Clone, Debug)]
pub(crate) struct Vault(pub(crate) ServiceChannel);

impl Vault {
    /// What verifies notifications that come to `address`; no keys if there is no such address.
    pub(crate) async fn keys(&self, address: Address) -> Result<Keys, Away> {
        let connection_id = address
            .connection()
            .map_or_else(String::new, |id| id.to_string());
        let request = GetWebhookKeysRequest { connection_id };
        match self.client().get_webhook_keys(request).await {
            Ok(answer) => keys(answer.into_inner()),
            Err(refused) => nothing(&refused).map(|()| Keys::default()),
        }
    }

    /// Where notifications of a workspace go; none if it is nobody's.
    pub(crate) async fn route(&self, workspace_id: String) -> Result<Option<Route>, Away> {
        let request = ResolveWorkspaceRequest { workspace_id };
        match self.client().resolve_workspace(request).await {
            Ok(answer) => route(answer.into_inner()).map(Some),
            Err(refused) => nothing(&refused).map(|()| None),
        }
    }

    /// Tells that a workspace claims to have uninstalled the app.
    pub(crate) async fn report_uninstall(&self, workspace_id: String) -> Result<(), Away> {
        let request = ReportUninstallRequest { workspace_id };
        match self.client().report_uninstall(request).await {
            Ok(_) => Ok(()),
            Err(refused) => nothing(&refused),
        }
    }

    /// Whether a connection is the organization's.
    pub(crate) async fn owns(
        &self,
        organization: OrganizationId,
        connection: ConnectionId,
    ) -> Result<bool, Away> {
        let request = GetConnectionRequest {
            connection_id: connection.to_string(),
        };
        let mut client = VaultClient::new(self.0.for_organization(organization));
        match client.get_connection(request).await {
            Ok(_) => Ok(true),
            Err(refused) => nothing(&refused).map(|()| false),
        }
    }

    fn client(&self) -> VaultClient<Authorized> {
        VaultClient::new(self.0.for_no_organization())
    }
}

/// That there is no such thing is an answer; any other refusal is none.
fn nothing(refused: &Status) -> Result<(), Away> {
    if refused.code() == Code::NotFound {
        return Ok(());
    }
    tracing::warn!(code = ?refused.code(), "the vault does not answer");
    Err(Away)
}

fn keys(answer: WebhookKeys) -> Result<Keys, Away> {
    let WebhookKeys { keys, route: to } = answer;
    let mut prepared = Vec::with_capacity(keys.len());
    for key in keys {
        let valid_until = match &key.valid_until {
            Some(until) => Some(datetime(until).map_err(|_| Away)?),
            None => None,
        };
        prepared.extend(Key::new(&key.secret, key.is_previous, valid_until));
    }
    Ok(Keys {
        keys: prepared,
        route: to.map(route).transpose()?.map(Arc::new),
    })
}

fn route(answer: WebhookRoute) -> Result<Route, Away> {
    let data_policy = answer.data_policy();
    let WebhookRoute {
        connection_id,
        organization_id,
        workspace_id,
        data_policy: _,
        pseudonym_key,
    } = answer;
    let policy = types::DataPolicy::try_into(data_policy).map_err(|_| Away)?;
    Ok(Route {
        connection: connection_id.parse().map_err(|_| Away)?,
        organization: organization_id.parse().map_err(|_| Away)?,
        workspace_id,
        keeps: match policy {
            DataPolicy::Full => Keeps::Everything,
            DataPolicy::MetadataOnly => {
                Keeps::Structure(PseudonymKey::try_from(&pseudonym_key[..]).ok())
            }
        },
    })
}
