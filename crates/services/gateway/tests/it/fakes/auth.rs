use harken_contracts::wire::auth::v1::auth_server::Auth;
use harken_contracts::wire::auth::v1::{
    AddMemberRequest, ApiKey, CreateApiKeyRequest, CreateApiKeyResponse, CreateSignInLinkRequest,
    CreateSignInLinkResponse, EndSessionRequest, EndSessionResponse, EnsureOrganizationRequest,
    EnsureOrganizationResponse, GetOrganizationRequest, ListApiKeysRequest, ListApiKeysResponse,
    ListMembersRequest, ListMembersResponse, Member, Organization, RecordAuditRequest,
    RecordAuditResponse, RedeemSignInLinkRequest, RedeemSignInLinkResponse, RemoveMemberRequest,
    RemoveMemberResponse, ResolveSessionRequest, ResolveSessionResponse, RevokeApiKeyRequest,
    SetMemberRoleRequest, VerifyApiKeyRequest, VerifyApiKeyResponse,
};
use harken_contracts::wire::types::v1 as types;
use harken_domain::{ApiKeyId, Role};
use harken_runtime::status;
use tonic::{Request, Response, Status, async_trait};

use super::{Fakes, LINK, member, organization, organization_id, unasked};

type Answer<T> = Result<Response<T>, Status>;

#[async_trait]
impl Auth for Fakes {
    async fn redeem_sign_in_link(
        &self,
        request: Request<RedeemSignInLinkRequest>,
    ) -> Answer<RedeemSignInLinkResponse> {
        self.note("redeem", &request);
        if request.into_inner().token != LINK || self.held().link_is_spent {
            return Err(status::not_found("sign-in link"));
        }
        self.held().link_is_spent = true;
        let session_token = self.session(Role::Owner);
        Ok(Response::new(RedeemSignInLinkResponse {
            session_token,
            expires_at: None,
        }))
    }

    async fn resolve_session(
        &self,
        request: Request<ResolveSessionRequest>,
    ) -> Answer<ResolveSessionResponse> {
        let token = request.into_inner().session_token;
        let role = self
            .held()
            .sessions
            .iter()
            .find(|(secret, _)| *secret == token)
            .map(|(_, role)| *role);
        let role =
            role.ok_or_else(|| status::unauthenticated("SESSION_ENDED", "the session has ended"))?;
        Ok(Response::new(ResolveSessionResponse {
            organization: Some(organization()),
            member: Some(member(role)),
            session_id: "ses_1".to_owned(),
        }))
    }

    async fn end_session(&self, request: Request<EndSessionRequest>) -> Answer<EndSessionResponse> {
        let token = request.into_inner().session_token;
        self.held().sessions.retain(|(secret, _)| *secret != token);
        Ok(Response::new(EndSessionResponse {}))
    }

    async fn list_members(&self, _: Request<ListMembersRequest>) -> Answer<ListMembersResponse> {
        let members = vec![member(Role::Owner)];
        Ok(Response::new(ListMembersResponse { members }))
    }

    async fn create_api_key(
        &self,
        request: Request<CreateApiKeyRequest>,
    ) -> Answer<CreateApiKeyResponse> {
        self.note("create_api_key", &request);
        let CreateApiKeyRequest { name, role } = request.into_inner();
        if name.is_empty() {
            return Err(status::invalid_argument(
                "name",
                "is empty; say what the key is for",
            ));
        }
        let key = ApiKey {
            api_key_id: ApiKeyId::derive(&[b"key"]).to_string(),
            name,
            prefix: "hk_once".to_owned(),
            role,
            ..ApiKey::default()
        };
        self.held().keys.push(key.clone());
        Ok(Response::new(CreateApiKeyResponse {
            api_key: Some(key),
            secret: "hk_once-and-never-again".to_owned(),
        }))
    }

    async fn list_api_keys(&self, _: Request<ListApiKeysRequest>) -> Answer<ListApiKeysResponse> {
        let api_keys = self.held().keys.clone();
        Ok(Response::new(ListApiKeysResponse { api_keys }))
    }

    async fn revoke_api_key(&self, request: Request<RevokeApiKeyRequest>) -> Answer<ApiKey> {
        self.note("revoke_api_key", &request);
        Ok(Response::new(ApiKey::default()))
    }

    async fn verify_api_key(
        &self,
        request: Request<VerifyApiKeyRequest>,
    ) -> Answer<VerifyApiKeyResponse> {
        let role = match request.into_inner().secret.as_str() {
            "hk_admin" => types::Role::Admin,
            "hk_viewer" => types::Role::Viewer,
            _ => return Err(status::not_found("API key")),
        };
        Ok(Response::new(VerifyApiKeyResponse {
            api_key_id: ApiKeyId::derive(&[b"key"]).to_string(),
            organization_id: organization_id().to_string(),
            role: role.into(),
        }))
    }

    async fn ensure_organization(
        &self,
        _: Request<EnsureOrganizationRequest>,
    ) -> Answer<EnsureOrganizationResponse> {
        unasked()
    }

    async fn get_organization(&self, _: Request<GetOrganizationRequest>) -> Answer<Organization> {
        unasked()
    }

    async fn add_member(&self, _: Request<AddMemberRequest>) -> Answer<Member> {
        unasked()
    }

    async fn set_member_role(&self, _: Request<SetMemberRoleRequest>) -> Answer<Member> {
        unasked()
    }

    async fn remove_member(&self, _: Request<RemoveMemberRequest>) -> Answer<RemoveMemberResponse> {
        unasked()
    }

    async fn create_sign_in_link(
        &self,
        _: Request<CreateSignInLinkRequest>,
    ) -> Answer<CreateSignInLinkResponse> {
        unasked()
    }

    async fn record_audit(
        &self,
        request: Request<RecordAuditRequest>,
    ) -> Answer<RecordAuditResponse> {
        let RecordAuditRequest { action, detail, .. } = request.get_ref();
        self.note(&format!("record_audit({action}: {detail})"), &request);
        if self.held().audit_is_away {
            return Err(Status::unavailable("connection refused"));
        }
        Ok(Response::new(RecordAuditResponse {}))
    }
}
