use harken_contracts::wire::types::v1 as types;
use harken_contracts::wire::vault::v1::vault_client::VaultClient;
use harken_contracts::wire::vault::v1::{
    BeginOAuthRequest, BeginOAuthResponse, CompleteOAuthRequest, ConnectWithTokenRequest,
    Connection, DisconnectRequest, Erasure, GetConnectionRequest, GetErasureRequest,
    GetWebhookSecretRequest, ListConnectionsRequest, RemoveDataRequest, ReplaceTokenRequest,
    RetireWebhookSecretRequest, SetWebhookSecretRequest, TestConnectionRequest, TestReport,
    TestTokenRequest, WebhookSecret,
};
use harken_domain::{ConnectionId, DataPolicy, OnDisconnect, Secret};

use super::act_as::ActAs;
use super::{Answer, Asking, Line};

/// On which terms a workspace is connected; fixed before the first byte is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) data_policy: DataPolicy,
    pub(crate) on_disconnect: OnDisconnect,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            data_policy: DataPolicy::Full,
            on_disconnect: OnDisconnect::Retain,
        }
    }
}

impl Terms {
    fn policy(self) -> i32 {
        types::DataPolicy::from(self.data_policy).into()
    }

    fn end(self) -> i32 {
        types::OnDisconnect::from(self.on_disconnect).into()
    }
}

impl Asking {
    pub(crate) async fn connections(&self) -> Answer<Vec<Connection>> {
        let answer = self
            .vault()
            .list_connections(ListConnectionsRequest {})
            .await?;
        Ok(answer.into_inner().connections)
    }

    pub(crate) async fn connection(&self, id: ConnectionId) -> Answer<Connection> {
        let request = GetConnectionRequest {
            connection_id: id.to_string(),
        };
        Ok(self.vault().get_connection(request).await?.into_inner())
    }

    /// Begins to connect; `again` is the connection whose workspace alone will do.
    pub(crate) async fn begin_oauth(
        &self,
        browser_binding: String,
        terms: Terms,
        again: Option<ConnectionId>,
    ) -> Answer<BeginOAuthResponse> {
        let request = BeginOAuthRequest {
            member_id: self.member(),
            browser_binding,
            data_policy: terms.policy(),
            on_disconnect: terms.end(),
            connection_id: again.map_or_else(String::new, |id| id.to_string()),
        };
        Ok(self.vault().begin_o_auth(request).await?.into_inner())
    }

    pub(crate) async fn complete_oauth(&self, request: CompleteOAuthRequest) -> Answer<Connection> {
        Ok(self
            .patient_vault()
            .complete_o_auth(request)
            .await?
            .into_inner())
    }

    pub(crate) async fn test_token(&self, token: &Secret) -> Answer<TestReport> {
        let request = TestTokenRequest {
            access_token: token.expose().to_owned(),
        };
        Ok(self.patient_vault().test_token(request).await?.into_inner())
    }

    pub(crate) async fn connect_with_token(
        &self,
        token: &Secret,
        terms: Terms,
    ) -> Answer<Connection> {
        let request = ConnectWithTokenRequest {
            access_token: token.expose().to_owned(),
            member_id: self.member(),
            data_policy: terms.policy(),
            on_disconnect: terms.end(),
            ..ConnectWithTokenRequest::default()
        };
        Ok(self
            .patient_vault()
            .connect_with_token(request)
            .await?
            .into_inner())
    }

    pub(crate) async fn test_connection(&self, id: ConnectionId) -> Answer<TestReport> {
        let request = TestConnectionRequest {
            connection_id: id.to_string(),
        };
        Ok(self
            .patient_vault()
            .test_connection(request)
            .await?
            .into_inner())
    }

    pub(crate) async fn disconnect(&self, id: ConnectionId) -> Answer<Connection> {
        let request = DisconnectRequest {
            connection_id: id.to_string(),
        };
        Ok(self.patient_vault().disconnect(request).await?.into_inner())
    }

    /// Puts another token in the place of a connection's; what was mirrored stays.
    pub(crate) async fn replace_token(
        &self,
        id: ConnectionId,
        token: &Secret,
    ) -> Answer<Connection> {
        let request = ReplaceTokenRequest {
            connection_id: id.to_string(),
            access_token: token.expose().to_owned(),
        };
        let replaced = self.patient_vault().replace_token(request).await?;
        Ok(replaced.into_inner())
    }

    /// Has everything erased that is kept of a disconnected connection.
    pub(crate) async fn remove_data(
        &self,
        id: ConnectionId,
        workspace_name: String,
    ) -> Answer<Connection> {
        let request = RemoveDataRequest {
            connection_id: id.to_string(),
            workspace_name,
        };
        Ok(self.vault().remove_data(request).await?.into_inner())
    }

    pub(crate) async fn erasure(&self, id: ConnectionId) -> Answer<Erasure> {
        let request = GetErasureRequest {
            connection_id: id.to_string(),
        };
        Ok(self.vault().get_erasure(request).await?.into_inner())
    }

    pub(crate) async fn webhook_secret(&self, id: ConnectionId) -> Answer<WebhookSecret> {
        let request = GetWebhookSecretRequest {
            connection_id: id.to_string(),
        };
        Ok(self.vault().get_webhook_secret(request).await?.into_inner())
    }

    /// Sets or replaces it; the replaced one stays valid for `grace_secs`, a day if absent.
    pub(crate) async fn set_webhook_secret(
        &self,
        id: ConnectionId,
        secret: &Secret,
        grace_secs: Option<u64>,
    ) -> Answer<WebhookSecret> {
        let request = SetWebhookSecretRequest {
            connection_id: id.to_string(),
            secret: secret.expose().to_owned(),
            grace_secs,
        };
        Ok(self.vault().set_webhook_secret(request).await?.into_inner())
    }

    pub(crate) async fn retire_webhook_secret(&self, id: ConnectionId) -> Answer<WebhookSecret> {
        let request = RetireWebhookSecretRequest {
            connection_id: id.to_string(),
        };
        let retired = self.vault().retire_webhook_secret(request).await?;
        Ok(retired.into_inner())
    }

    fn member(&self) -> String {
        self.acting
            .member()
            .map_or_else(String::new, |member| member.to_string())
    }

    fn vault(&self) -> VaultClient<Line> {
        VaultClient::new(self.line(&self.rooms.vault, ActAs::soon(self.acting)))
    }

    /// For what asks Intercom.
    fn patient_vault(&self) -> VaultClient<Line> {
        VaultClient::new(self.line(&self.rooms.vault, ActAs::patiently(self.acting)))
    }
}
