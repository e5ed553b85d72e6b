mod api_keys;
mod audit;
mod members;
mod organizations;
mod sign_in;
mod wire;

use std::sync::Arc;

use harken_contracts::wire::auth::v1 as proto;
use harken_contracts::wire::auth::v1::auth_server::Auth;
use tonic::{Request, Response, Status, async_trait};

use crate::app::Vault;

/// `harken.auth.v1.Auth`.
pub(crate) struct AuthRpc {
    vault: Arc<Vault>,
}

impl AuthRpc {
    pub(crate) const fn new(vault: Arc<Vault>) -> Self {
        Self { vault }
    }
}

macro_rules! delegate {
    ($($rpc:ident($request:ident) -> $answer:ident = $room:ident::$function:ident;)+) => {
        #[async_trait]
        impl Auth for AuthRpc {
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
    ensure_organization(EnsureOrganizationRequest) -> EnsureOrganizationResponse = organizations::ensure;
    get_organization(GetOrganizationRequest) -> Organization = organizations::get;
    add_member(AddMemberRequest) -> Member = members::add;
    list_members(ListMembersRequest) -> ListMembersResponse = members::list;
    set_member_role(SetMemberRoleRequest) -> Member = members::set_role;
    remove_member(RemoveMemberRequest) -> RemoveMemberResponse = members::remove;
    create_sign_in_link(CreateSignInLinkRequest) -> CreateSignInLinkResponse = sign_in::create_link;
    redeem_sign_in_link(RedeemSignInLinkRequest) -> RedeemSignInLinkResponse = sign_in::redeem_link;
    resolve_session(ResolveSessionRequest) -> ResolveSessionResponse = sign_in::resolve_session;
    end_session(EndSessionRequest) -> EndSessionResponse = sign_in::end_session;
    create_api_key(CreateApiKeyRequest) -> CreateApiKeyResponse = api_keys::create;
    list_api_keys(ListApiKeysRequest) -> ListApiKeysResponse = api_keys::list;
    revoke_api_key(RevokeApiKeyRequest) -> ApiKey = api_keys::revoke;
    verify_api_key(VerifyApiKeyRequest) -> VerifyApiKeyResponse = api_keys::verify;
    record_audit(RecordAuditRequest) -> RecordAuditResponse = audit::record;
}
