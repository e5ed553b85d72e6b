use harken_contracts::wire::vault::v1 as wire;
use harken_contracts::wire::vault::v1::vault_server::Vault;
use harken_contracts::wire::vault::v1::{
    BeginOAuthRequest, BeginOAuthResponse, CallChunk, CallRequest, CompleteOAuthRequest,
    ConnectWithTokenRequest, Connection, ConnectionState, DisconnectRequest, GetConnectionRequest,
    GetWebhookKeysRequest, GetWebhookSecretRequest, ListConnectionsRequest,
    ListConnectionsResponse, OpenSyntheticConnectionRequest, PermissionCheck,
    ReportUninstallRequest, ReportUninstallResponse, ResolveWorkspaceRequest,
    RetireWebhookSecretRequest, SetWebhookSecretRequest, SyntheticConnection,
    TestConnectionRequest, TestReport, TestTokenRequest, WebhookKeys, WebhookRoute, WebhookSecret,
};
use harken_runtime::status;
use tonic::codegen::tokio_stream::Empty;
use tonic::{Request, Response, Status, async_trait};

use super::{Fakes, connection, connection_id, unasked};

type Answer<T> = Result<Response<T>, Status>;

impl Fakes {
    fn connects(&self) -> Answer<Connection> {
        if let Some(mishap) = self.held().mishap.clone() {
            return Err(mishap);
        }
        self.connected();
        Ok(Response::new(connection()))
    }

    fn report(&self) -> TestReport {
        let lacks = self.held().mishap.is_some();
        TestReport {
            ok: !lacks,
            workspace_id: "nw7x2k1p".to_owned(),
            workspace_name: "Northwind".to_owned(),
            checks: vec![PermissionCheck {
                permission: "Read conversations".to_owned(),
                call: "POST /conversations/search".to_owned(),
                granted: !lacks,
                remedy: if lacks {
                    "Tick Read conversations.".to_owned()
                } else {
                    String::new()
                },
                intercom_request_id: "req-of-intercom".to_owned(),
            }],
        }
    }
}

#[async_trait]
impl Vault for Fakes {
    async fn begin_o_auth(
        &self,
        request: Request<BeginOAuthRequest>,
    ) -> Answer<BeginOAuthResponse> {
        let asked = request.get_ref();
        let (policy, end) = (asked.data_policy(), asked.on_disconnect());
        let again = asked.connection_id.clone();
        self.note(
            &format!("begin_oauth({policy:?},{end:?},{again})"),
            &request,
        );
        assert!(
            request.get_ref().browser_binding.len() >= 32,
            "an attempt is bound to the browser"
        );
        Ok(Response::new(BeginOAuthResponse {
            authorize_url: "https://app.intercom.com/oauth?client_id=c&state=s".to_owned(),
            expires_at: None,
        }))
    }

    async fn complete_o_auth(&self, request: Request<CompleteOAuthRequest>) -> Answer<Connection> {
        let CompleteOAuthRequest { code, state, .. } = request.get_ref();
        self.note(&format!("complete_oauth({code},{state})"), &request);
        self.connects()
    }

    async fn test_token(&self, request: Request<TestTokenRequest>) -> Answer<TestReport> {
        self.note("test_token", &request);
        Ok(Response::new(self.report()))
    }

    async fn connect_with_token(
        &self,
        request: Request<ConnectWithTokenRequest>,
    ) -> Answer<Connection> {
        let asked = request.get_ref();
        let token = asked.access_token.clone();
        let (policy, end) = (asked.data_policy(), asked.on_disconnect());
        self.note(
            &format!("connect_with_token({token},{policy:?},{end:?})"),
            &request,
        );
        self.connects()
    }

    async fn get_connection(&self, request: Request<GetConnectionRequest>) -> Answer<Connection> {
        if request.into_inner().connection_id != connection_id().to_string() {
            return Err(status::not_found("connection"));
        }
        let held = self.held().connections.first().cloned();
        Ok(Response::new(held.unwrap_or_else(connection)))
    }

    async fn list_connections(
        &self,
        _: Request<ListConnectionsRequest>,
    ) -> Answer<ListConnectionsResponse> {
        let connections = self.held().connections.clone();
        Ok(Response::new(ListConnectionsResponse { connections }))
    }

    async fn test_connection(&self, request: Request<TestConnectionRequest>) -> Answer<TestReport> {
        self.note("test_connection", &request);
        Ok(Response::new(self.report()))
    }

    async fn disconnect(&self, request: Request<DisconnectRequest>) -> Answer<Connection> {
        self.note("disconnect", &request);
        let ended = Connection {
            state: ConnectionState::Disconnected.into(),
            state_reason: "Ada Lovelace disconnected it.".to_owned(),
            ..connection()
        };
        self.held().connections = vec![ended.clone()];
        Ok(Response::new(ended))
    }

    type CallStream = Empty<Result<CallChunk, Status>>;

    async fn call(&self, _: Request<CallRequest>) -> Answer<Self::CallStream> {
        unasked()
    }

    async fn get_webhook_secret(
        &self,
        _: Request<GetWebhookSecretRequest>,
    ) -> Answer<WebhookSecret> {
        Ok(Response::new(self.held().webhook_secret.clone()))
    }

    async fn set_webhook_secret(
        &self,
        request: Request<SetWebhookSecretRequest>,
    ) -> Answer<WebhookSecret> {
        let SetWebhookSecretRequest {
            secret, grace_secs, ..
        } = request.get_ref().clone();
        self.note(
            &format!("set_webhook_secret({secret},{grace_secs:?})"),
            &request,
        );
        if secret.len() < 8 {
            return Err(status::invalid_argument("secret", "is too short"));
        }
        self.held().webhook_secret.is_set = true;
        Ok(Response::new(self.held().webhook_secret.clone()))
    }

    async fn retire_webhook_secret(
        &self,
        request: Request<RetireWebhookSecretRequest>,
    ) -> Answer<WebhookSecret> {
        self.note("retire_webhook_secret", &request);
        self.held().webhook_secret.previous_valid_until = None;
        Ok(Response::new(self.held().webhook_secret.clone()))
    }

    async fn open_synthetic_connection(
        &self,
        _: Request<OpenSyntheticConnectionRequest>,
    ) -> Answer<SyntheticConnection> {
        unasked()
    }

    async fn get_webhook_keys(&self, _: Request<GetWebhookKeysRequest>) -> Answer<WebhookKeys> {
        unasked()
    }

    async fn resolve_workspace(&self, _: Request<ResolveWorkspaceRequest>) -> Answer<WebhookRoute> {
        unasked()
    }

    async fn report_uninstall(
        &self,
        _: Request<ReportUninstallRequest>,
    ) -> Answer<ReportUninstallResponse> {
        unasked()
    }

    async fn replace_token(
        &self,
        request: Request<wire::ReplaceTokenRequest>,
    ) -> Answer<wire::Connection> {
        let token = request.get_ref().access_token.clone();
        self.note(&format!("replace_token({token})"), &request);
        self.connects()
    }

    async fn remove_data(
        &self,
        request: Request<wire::RemoveDataRequest>,
    ) -> Answer<wire::Connection> {
        let name = request.get_ref().workspace_name.clone();
        self.note(&format!("remove_data({name})"), &request);
        if name != connection().workspace_name {
            let words = "that is not the name of the workspace";
            return Err(status::failed_precondition("NAME_DIFFERS", words));
        }
        if let Some(mishap) = self.held().mishap.clone() {
            return Err(mishap);
        }
        let removing = Connection {
            state: ConnectionState::Disconnecting.into(),
            ..connection()
        };
        self.held().connections = vec![removing.clone()];
        Ok(Response::new(removing))
    }

    async fn get_erasure(&self, _: Request<wire::GetErasureRequest>) -> Answer<wire::Erasure> {
        Ok(Response::new(self.held().erasure.clone()))
    }

    async fn get_pseudonym_key(
        &self,
        _: Request<wire::GetPseudonymKeyRequest>,
    ) -> Answer<wire::PseudonymKey> {
        unasked()
    }
}
