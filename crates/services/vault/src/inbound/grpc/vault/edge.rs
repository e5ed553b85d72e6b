//! What the edge asks, for no organization: it does not know yet whose a notification is.

use harken_contracts::convert::timestamp;
use harken_contracts::wire::types::v1 as types;
use harken_contracts::wire::vault::v1 as proto;
use harken_contracts::wire::vault::v1::{
    GetWebhookKeysRequest, ReportUninstallRequest, ReportUninstallResponse,
    ResolveWorkspaceRequest, WebhookKeys, WebhookRoute,
};
use harken_domain::DataPolicy;
use harken_runtime::{CallContext, status};
use tonic::{Request, Status};

use super::super::status as answer;
use crate::app::{Vault, WebhookKey};
use crate::outbound::postgres::webhook_secrets::Route;

const EDGE: &[&str] = &["ingress"];
const LONGEST_WORKSPACE_ID: usize = 128;

/// No keys and no route for what is not there: a stranger who guesses learns nothing, whether a connection never was or is
/// disconnected.
pub(super) async fn webhook_keys(
    vault: &Vault,
    request: Request<GetWebhookKeysRequest>,
) -> Result<WebhookKeys, Status> {
    CallContext::of(&request)?.require_service(EDGE)?;
    let asked = request.get_ref().connection_id.as_str();
    let (route, keys) = if asked.is_empty() {
        (None, vault.webhook_keys_of_deployment())
    } else if let Ok(connection) = asked.parse() {
        let found = vault.webhook_keys(connection).await;
        let found = found.map_err(answer::webhook_keys)?;
        found.map_or((None, Vec::new()), |(route, keys)| (Some(route), keys))
    } else {
        (None, Vec::new())
    };
    let route = match route {
        Some(route) => Some(wire(vault, route).await?),
        None => None,
    };
    Ok(WebhookKeys {
        keys: keys.iter().map(key).collect(),
        route,
    })
}

pub(super) async fn resolve_workspace(
    vault: &Vault,
    request: Request<ResolveWorkspaceRequest>,
) -> Result<WebhookRoute, Status> {
    CallContext::of(&request)?.require_service(EDGE)?;
    let nobodys = || status::not_found("workspace");
    let workspace_id = workspace_id(&request.get_ref().workspace_id).ok_or_else(nobodys)?;
    let found = vault.route_of_workspace(workspace_id).await;
    let found = found.map_err(|error| status::internal(&error))?;
    wire(vault, found.ok_or_else(nobodys)?).await
}

pub(super) async fn report_uninstall(
    vault: &Vault,
    request: Request<ReportUninstallRequest>,
) -> Result<ReportUninstallResponse, Status> {
    CallContext::of(&request)?.require_service(EDGE)?;
    if let Some(workspace_id) = workspace_id(&request.get_ref().workspace_id) {
        let reported = vault.report_uninstall(workspace_id).await;
        reported.map_err(|error| status::internal(&error))?;
    }
    Ok(ReportUninstallResponse {})
}

/// What may be the id of a workspace: strangers write it, and Postgres does not take every text.
fn workspace_id(text: &str) -> Option<&str> {
    let sound = (1..=LONGEST_WORKSPACE_ID).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    sound.then_some(text)
}

fn key(key: &WebhookKey) -> proto::WebhookKey {
    proto::WebhookKey {
        secret: key.secret.expose().as_bytes().to_vec().into(),
        is_previous: key.is_previous,
        valid_until: key.valid_until.map(timestamp),
    }
}

/// A route, with the key of its pseudonyms where people go by such.
async fn wire(vault: &Vault, route: Route) -> Result<WebhookRoute, Status> {
    let pseudonym_key = if route.data_policy == DataPolicy::MetadataOnly {
        let key = vault.pseudonym_key(route.organization, route.connection);
        key.await.map_err(answer::pseudonym_key)?
    } else {
        None
    };
    Ok(WebhookRoute {
        connection_id: route.connection.to_string(),
        organization_id: route.organization.to_string(),
        workspace_id: route.workspace_id,
        data_policy: types::DataPolicy::from(route.data_policy).into(),
        pseudonym_key: pseudonym_key
            .map_or_else(Vec::new, |key| key.to_vec())
            .into(),
    })
}
