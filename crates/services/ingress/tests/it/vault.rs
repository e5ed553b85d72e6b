//! A vault of which a test says what it knows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use futures::stream::BoxStream;
use harken_contracts::wire::types::v1::DataPolicy;
use harken_contracts::wire::vault::v1::vault_server::{Vault, VaultServer};
use harken_contracts::wire::vault::v1::*;
use harken_contracts::wire::vault::v1::{
    Erasure, GetErasureRequest, GetPseudonymKeyRequest, PseudonymKey, RemoveDataRequest,
    ReplaceTokenRequest,
};
use harken_domain::{ConnectionId, OrganizationId};
use harken_runtime::grpc::Services;
use harken_runtime::status;
use tonic::{Request, Response, Status};

#[derive(Clone, Default)]
pub(crate) struct FakeVault(Arc<Mutex<Known>>);

#[derive(Default)]
pub(crate) struct Known {
    /// By connection; empty for the deployment's app.
    pub(crate) keys: HashMap<String, WebhookKeys>,
    pub(crate) routes: HashMap<String, WebhookRoute>,
    pub(crate) uninstalled: Vec<String>,
    /// Whether it answers nothing.
    pub(crate) is_away: bool,
    /// How often it was asked for keys.
    pub(crate) asked_for_keys: usize,
}

pub(crate) fn route(connection: ConnectionId, workspace: &str, policy: DataPolicy) -> WebhookRoute {
    WebhookRoute {
        connection_id: connection.to_string(),
        organization_id: organization().to_string(),
        workspace_id: workspace.to_owned(),
        data_policy: policy.into(),
        pseudonym_key: Vec::new().into(),
    }
}

pub(crate) fn organization() -> OrganizationId {
    OrganizationId::derive(&[b"o"])
}

pub(crate) fn key(secret: &str) -> WebhookKey {
    WebhookKey {
        secret: secret.as_bytes().to_vec().into(),
        ..WebhookKey::default()
    }
}

impl FakeVault {
    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap()
    }

    pub(crate) fn services(&self) -> Services {
        Services::new().add(VaultServer::new(self.clone()))
    }

    fn answering(&self) -> Result<MutexGuard<'_, Known>, Status> {
        let known = self.known();
        if known.is_away {
            return Err(Status::unavailable("away"));
        }
        Ok(known)
    }
}

macro_rules! unasked {
    ($($rpc:ident($request:ident) -> $answer:ident;)+) => {
        #[tonic::async_trait]
        impl Vault for FakeVault {
            type CallStream = BoxStream<'static, Result<CallChunk, Status>>;

            async fn call(&self, _: Request<CallRequest>) -> Result<Response<Self::CallStream>, Status> {
                Err(Status::unimplemented("the edge asks for none"))
            }

            async fn get_webhook_keys(&self, request: Request<GetWebhookKeysRequest>) -> Result<Response<WebhookKeys>, Status> {
                let asked = request.into_inner().connection_id;
                self.known().asked_for_keys += 1;
                let keys = self.answering()?.keys.get(&asked).cloned().unwrap_or_default();
                Ok(Response::new(keys))
            }

            async fn resolve_workspace(&self, request: Request<ResolveWorkspaceRequest>) -> Result<Response<WebhookRoute>, Status> {
                let asked = request.into_inner().workspace_id;
                let route = self.answering()?.routes.get(&asked).cloned();
                route.map(Response::new).ok_or_else(|| status::not_found("workspace"))
            }

            async fn report_uninstall(&self, request: Request<ReportUninstallRequest>) -> Result<Response<ReportUninstallResponse>, Status> {
                self.answering()?.uninstalled.push(request.into_inner().workspace_id);
                Ok(Response::new(ReportUninstallResponse {}))
            }

            async fn get_connection(&self, request: Request<GetConnectionRequest>) -> Result<Response<Connection>, Status> {
                let context = harken_runtime::CallContext::of(&request)?.clone();
                let asked = request.into_inner().connection_id;
                let known = self.answering()?;
                let is_known = known.routes.values().any(|route| route.connection_id == asked);
                if !is_known || context.organization()? != organization() {
                    return Err(status::not_found("connection"));
                }
                Ok(Response::new(Connection::default()))
            }

            $(async fn $rpc(&self, _: Request<$request>) -> Result<Response<$answer>, Status> {
                Err(Status::unimplemented("the edge asks for none"))
            })+
        }
    };
}

unasked! {
    begin_o_auth(BeginOAuthRequest) -> BeginOAuthResponse;
    complete_o_auth(CompleteOAuthRequest) -> Connection;
    test_token(TestTokenRequest) -> TestReport;
    connect_with_token(ConnectWithTokenRequest) -> Connection;
    list_connections(ListConnectionsRequest) -> ListConnectionsResponse;
    test_connection(TestConnectionRequest) -> TestReport;
    disconnect(DisconnectRequest) -> Connection;
    get_webhook_secret(GetWebhookSecretRequest) -> WebhookSecret;
    set_webhook_secret(SetWebhookSecretRequest) -> WebhookSecret;
    retire_webhook_secret(RetireWebhookSecretRequest) -> WebhookSecret;
    open_synthetic_connection(OpenSyntheticConnectionRequest) -> SyntheticConnection;
    replace_token(ReplaceTokenRequest) -> Connection;
    remove_data(RemoveDataRequest) -> Connection;
    get_erasure(GetErasureRequest) -> Erasure;
    get_pseudonym_key(GetPseudonymKeyRequest) -> PseudonymKey;
}
