mod call;
mod connections;
mod edge;
mod erasure;
mod oauth;
mod pseudonyms;
mod synthetic;
mod token;
mod webhook_secret;
mod wire;

use std::sync::Arc;

use futures::stream::BoxStream;
use harken_contracts::wire::vault::v1 as proto;
use harken_contracts::wire::vault::v1::vault_server;
use tonic::{Request, Response, Status, async_trait};

use crate::app::Vault;

/// `harken.vault.v1.Vault`.
pub(crate) struct VaultRpc {
    vault: Arc<Vault>,
}

impl VaultRpc {
    pub(crate) const fn new(vault: Arc<Vault>) -> Self {
        Self { vault }
    }
}

macro_rules! delegate {
    ($($rpc:ident($request:ident) -> $answer:ident = $room:ident::$function:ident;)+) => {
        #[async_trait]
        impl vault_server::Vault for VaultRpc {
            type CallStream = BoxStream<'static, Result<proto::CallChunk, Status>>;

            async fn call(
                &self,
                request: Request<proto::CallRequest>,
            ) -> Result<Response<Self::CallStream>, Status> {
                call::call(self.vault.clone(), request).map(Response::new)
            }

            $(async fn $rpc(
                &self,
                request: Request<proto::$request>,
            ) -> Result<Response<proto::$answer>, Status> {
                $room::$function(&self.vault, request).await.map(Response::new)
            })+
        }
    };
}

delegate! {
    begin_o_auth(BeginOAuthRequest) -> BeginOAuthResponse = oauth::begin;
    complete_o_auth(CompleteOAuthRequest) -> Connection = oauth::complete;
    test_token(TestTokenRequest) -> TestReport = token::test;
    connect_with_token(ConnectWithTokenRequest) -> Connection = token::connect;
    get_connection(GetConnectionRequest) -> Connection = connections::get;
    list_connections(ListConnectionsRequest) -> ListConnectionsResponse = connections::list;
    test_connection(TestConnectionRequest) -> TestReport = connections::test;
    disconnect(DisconnectRequest) -> Connection = connections::disconnect;
    get_webhook_secret(GetWebhookSecretRequest) -> WebhookSecret = webhook_secret::get;
    set_webhook_secret(SetWebhookSecretRequest) -> WebhookSecret = webhook_secret::set;
    retire_webhook_secret(RetireWebhookSecretRequest) -> WebhookSecret = webhook_secret::retire;
    open_synthetic_connection(OpenSyntheticConnectionRequest) -> SyntheticConnection = synthetic::open;
    get_webhook_keys(GetWebhookKeysRequest) -> WebhookKeys = edge::webhook_keys;
    resolve_workspace(ResolveWorkspaceRequest) -> WebhookRoute = edge::resolve_workspace;
    replace_token(ReplaceTokenRequest) -> Connection = token::replace;
    remove_data(RemoveDataRequest) -> Connection = erasure::remove_data;
    get_erasure(GetErasureRequest) -> Erasure = erasure::get;
    get_pseudonym_key(GetPseudonymKeyRequest) -> PseudonymKey = pseudonyms::key;
    report_uninstall(ReportUninstallRequest) -> ReportUninstallResponse = edge::report_uninstall;
}
