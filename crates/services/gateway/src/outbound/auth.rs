use harken_contracts::wire::auth::v1::auth_client::AuthClient;
use harken_contracts::wire::auth::v1::{
    ApiKey, CreateApiKeyRequest, CreateApiKeyResponse, EndSessionRequest, ListApiKeysRequest,
    ListMembersRequest, Member, RecordAuditRequest, RedeemSignInLinkRequest,
    RedeemSignInLinkResponse, ResolveSessionRequest, ResolveSessionResponse, RevokeApiKeyRequest,
};
use harken_contracts::wire::types::v1 as types;
use harken_domain::Role;

use super::act_as::ActAs;
use super::{Answer, Asking, Line, Rooms};

/// What is asked before it is known who asks.
impl Rooms {
    pub(crate) async fn redeem_sign_in_link(
        &self,
        token: String,
    ) -> Answer<RedeemSignInLinkResponse> {
        let request = RedeemSignInLinkRequest { token };
        let mut auth = AuthClient::new(self.vault.for_no_organization());
        Ok(auth.redeem_sign_in_link(request).await?.into_inner())
    }

    pub(crate) async fn resolve_session(
        &self,
        session_token: String,
    ) -> Answer<ResolveSessionResponse> {
        let request = ResolveSessionRequest { session_token };
        let mut auth = AuthClient::new(self.vault.for_no_organization());
        Ok(auth.resolve_session(request).await?.into_inner())
    }

    pub(crate) async fn end_session(&self, session_token: String) -> Answer<()> {
        let request = EndSessionRequest { session_token };
        let mut auth = AuthClient::new(self.vault.for_no_organization());
        auth.end_session(request).await.map(|_| ())
    }
}

impl Asking {
    pub(crate) async fn members(&self) -> Answer<Vec<Member>> {
        Ok(self
            .auth()
            .list_members(ListMembersRequest {})
            .await?
            .into_inner()
            .members)
    }

    pub(crate) async fn api_keys(&self) -> Answer<Vec<ApiKey>> {
        Ok(self
            .auth()
            .list_api_keys(ListApiKeysRequest {})
            .await?
            .into_inner()
            .api_keys)
    }

    pub(crate) async fn create_api_key(
        &self,
        name: String,
        role: Role,
    ) -> Answer<CreateApiKeyResponse> {
        let role = types::Role::from(role).into();
        let request = CreateApiKeyRequest { name, role };
        Ok(self.auth().create_api_key(request).await?.into_inner())
    }

    pub(crate) async fn revoke_api_key(&self, api_key_id: String) -> Answer<ApiKey> {
        let request = RevokeApiKeyRequest { api_key_id };
        Ok(self.auth().revoke_api_key(request).await?.into_inner())
    }

    /// Writes a deed to the organization's audit log, before it is done.
    pub(crate) async fn record_audit(
        &self,
        action: &str,
        subject: String,
        detail: String,
    ) -> Answer<()> {
        let request = RecordAuditRequest {
            actor: self.acting.who.to_string(),
            action: action.to_owned(),
            subject,
            detail,
        };
        self.auth().record_audit(request).await.map(|_| ())
    }

    fn auth(&self) -> AuthClient<Line> {
        AuthClient::new(self.line(&self.rooms.vault, ActAs::soon(self.acting)))
    }
}
