use chrono::TimeDelta;
use harken_contracts::wire::auth::v1 as proto;
use harken_contracts::wire::auth::v1::auth_client::AuthClient;
use harken_contracts::wire::types::v1::Role as WireRole;
use harken_domain::Role;
use tonic::Code;

use crate::harness::{House, Tenant, id, reason};

async fn add(house: &House, tenant: &Tenant, email: &str, role: WireRole) -> proto::Member {
    let request = proto::AddMemberRequest {
        email: email.to_owned(),
        name: "Somebody".to_owned(),
        role: role.into(),
    };
    house
        .auth(tenant)
        .add_member(request)
        .await
        .unwrap()
        .into_inner()
}

#[tokio::test]
async fn an_organization_is_created_once() {
    let house = House::open().await;
    let first = house.tenant("acme").await;
    let again = house.tenant("acme").await;
    assert_eq!(
        (first.organization, first.owner),
        (again.organization, again.owner)
    );
    let request = proto::GetOrganizationRequest {};
    let found = house
        .auth(&first)
        .get_organization(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(found.name, "acme");
    house.close().await;
}

#[tokio::test]
async fn only_the_operator_founds_organizations() {
    let house = House::open().await;
    let channel = house.server.channel("gateway").for_no_organization();
    let request = proto::EnsureOrganizationRequest::default();
    let refused = AuthClient::new(channel).ensure_organization(request).await;
    assert_eq!(reason(refused), "SERVICES_ONLY");
    house.close().await;
}

#[tokio::test]
async fn a_sign_in_link_signs_in_once_however_many_try() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let request = proto::CreateSignInLinkRequest {
        member_id: acme.owner.to_string(),
    };
    let link = house
        .auth(&acme)
        .create_sign_in_link(request)
        .await
        .unwrap()
        .into_inner();
    let attempts = (0..8).map(|_| {
        let mut console = AuthClient::new(house.server.channel("gateway").for_no_organization());
        let request = proto::RedeemSignInLinkRequest {
            token: link.token.clone(),
        };
        async move { console.redeem_sign_in_link(request).await }
    });
    let outcomes = futures::future::join_all(attempts).await;
    let (signed_in, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((signed_in.len(), refused.len()), (1, 7));
    for refusal in refused {
        assert_eq!(reason(refusal), "LINK_NOT_VALID");
    }
    let session_token = signed_in
        .into_iter()
        .next()
        .unwrap()
        .unwrap()
        .into_inner()
        .session_token;
    let mut console = AuthClient::new(house.server.channel("gateway").for_no_organization());
    let resolve = proto::ResolveSessionRequest {
        session_token: session_token.clone(),
    };
    let who = console
        .resolve_session(resolve.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(who.member.unwrap().member_id, acme.owner.to_string());
    assert!(who.session_id.starts_with("ses_"));

    console
        .end_session(proto::EndSessionRequest { session_token })
        .await
        .unwrap();
    assert_eq!(
        reason(console.resolve_session(resolve).await),
        "SESSION_ENDED"
    );
    house.close().await;
}

#[tokio::test]
async fn a_sign_in_link_lapses_after_a_quarter_of_an_hour_and_a_session_after_a_week() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let mut console = AuthClient::new(house.server.channel("gateway").for_no_organization());
    let request = proto::CreateSignInLinkRequest {
        member_id: acme.owner.to_string(),
    };
    let late = house
        .auth(&acme)
        .create_sign_in_link(request.clone())
        .await
        .unwrap()
        .into_inner();
    house.clock.advance(TimeDelta::minutes(15));
    let redeem = proto::RedeemSignInLinkRequest { token: late.token };
    assert_eq!(
        reason(console.redeem_sign_in_link(redeem).await),
        "LINK_NOT_VALID"
    );

    let link = house
        .auth(&acme)
        .create_sign_in_link(request)
        .await
        .unwrap()
        .into_inner();
    let redeem = proto::RedeemSignInLinkRequest { token: link.token };
    let session = console
        .redeem_sign_in_link(redeem)
        .await
        .unwrap()
        .into_inner();
    house.clock.advance(TimeDelta::days(7));
    let resolve = proto::ResolveSessionRequest {
        session_token: session.session_token,
    };
    assert_eq!(
        reason(console.resolve_session(resolve).await),
        "SESSION_ENDED"
    );
    house.close().await;
}

#[tokio::test]
async fn the_last_owner_stays_and_removed_members_are_signed_out() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let mut auth = house.auth(&acme);
    let step_down = proto::SetMemberRoleRequest {
        member_id: acme.owner.to_string(),
        role: WireRole::Admin.into(),
    };
    assert_eq!(
        reason(auth.set_member_role(step_down.clone()).await),
        "LAST_OWNER"
    );
    let leave = proto::RemoveMemberRequest {
        member_id: acme.owner.to_string(),
    };
    assert_eq!(
        reason(auth.remove_member(leave.clone()).await),
        "LAST_OWNER"
    );

    let second = add(&house, &acme, "second@acme.example", WireRole::Owner).await;
    let link = proto::CreateSignInLinkRequest {
        member_id: acme.owner.to_string(),
    };
    let link = auth.create_sign_in_link(link).await.unwrap().into_inner();
    let mut console = AuthClient::new(house.server.channel("gateway").for_no_organization());
    let redeem = proto::RedeemSignInLinkRequest { token: link.token };
    let session = console
        .redeem_sign_in_link(redeem)
        .await
        .unwrap()
        .into_inner();
    auth.remove_member(leave).await.unwrap();
    let resolve = proto::ResolveSessionRequest {
        session_token: session.session_token,
    };
    assert_eq!(
        reason(console.resolve_session(resolve).await),
        "SESSION_ENDED"
    );
    let left = auth
        .list_members(proto::ListMembersRequest {})
        .await
        .unwrap()
        .into_inner();
    assert_eq!(left.members, [second]);
    house.close().await;
}

#[tokio::test]
async fn an_address_is_used_once_in_an_organization_in_whatever_case() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let request = proto::AddMemberRequest {
        email: "OWNER@acme.example".to_owned(),
        name: "Again".to_owned(),
        role: WireRole::Viewer.into(),
    };
    assert_eq!(
        reason(house.auth(&acme).add_member(request).await),
        "EMAIL_TAKEN"
    );
    house.close().await;
}

#[tokio::test]
async fn nobody_reaches_above_their_own_role() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let admin = add(&house, &acme, "admin@acme.example", WireRole::Admin).await;
    let viewer = add(&house, &acme, "viewer@acme.example", WireRole::Viewer).await;
    let mut as_admin = AuthClient::new(house.console_as(&acme, Role::Admin, id(&admin)));
    let owner = acme.owner.to_string();
    let to_owner = WireRole::Owner.into();

    let rise = proto::SetMemberRoleRequest {
        member_id: admin.member_id.clone(),
        role: to_owner,
    };
    assert_eq!(reason(as_admin.set_member_role(rise).await), "ROLE_TOO_LOW");
    let oust = proto::RemoveMemberRequest {
        member_id: owner.clone(),
    };
    assert_eq!(reason(as_admin.remove_member(oust).await), "ROLE_TOO_LOW");
    let impersonate = proto::CreateSignInLinkRequest { member_id: owner };
    assert_eq!(
        reason(as_admin.create_sign_in_link(impersonate).await),
        "ROLE_TOO_LOW"
    );
    let key = proto::CreateApiKeyRequest {
        name: "k".to_owned(),
        role: to_owner,
    };
    assert_eq!(reason(as_admin.create_api_key(key).await), "ROLE_TOO_LOW");
    let friend = proto::AddMemberRequest {
        email: "f@acme.example".to_owned(),
        name: "F".to_owned(),
        role: to_owner,
    };
    assert_eq!(reason(as_admin.add_member(friend).await), "ROLE_TOO_LOW");

    let mut as_viewer = AuthClient::new(house.console_as(&acme, Role::Viewer, id(&viewer)));
    let key = proto::CreateApiKeyRequest {
        name: "k".to_owned(),
        role: WireRole::Viewer.into(),
    };
    assert_eq!(reason(as_viewer.create_api_key(key).await), "ROLE_TOO_LOW");
    house.close().await;
}

#[tokio::test]
async fn an_api_key_is_shown_once_verified_by_its_secret_and_revoked_at_once() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let mut auth = house.auth(&acme);
    let request = proto::CreateApiKeyRequest {
        name: "reports".to_owned(),
        role: WireRole::Viewer.into(),
    };
    let made = auth.create_api_key(request).await.unwrap().into_inner();
    let key = made.api_key.unwrap();
    assert!(made.secret.starts_with(&key.prefix) && made.secret.len() == 46);

    let mut service = AuthClient::new(house.server.channel("scoring").for_no_organization());
    let verify = proto::VerifyApiKeyRequest {
        secret: made.secret,
    };
    let verified = service
        .verify_api_key(verify.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(verified.organization_id, acme.organization.to_string());
    assert_eq!(verified.role(), WireRole::Viewer);

    house.clock.advance(TimeDelta::seconds(59));
    service.verify_api_key(verify.clone()).await.unwrap();
    let used = async |mut auth: AuthClient<_>| {
        let listed = auth
            .list_api_keys(proto::ListApiKeysRequest {})
            .await
            .unwrap()
            .into_inner();
        listed.api_keys[0].last_used_at.unwrap().seconds
    };
    let first_use = used(auth.clone()).await;
    house.clock.advance(TimeDelta::seconds(1));
    service.verify_api_key(verify.clone()).await.unwrap();
    assert_eq!(
        used(auth.clone()).await,
        first_use + 60,
        "noted to the minute"
    );

    let revoke = proto::RevokeApiKeyRequest {
        api_key_id: key.api_key_id,
    };
    let revoked = auth.revoke_api_key(revoke).await.unwrap().into_inner();
    assert!(revoked.revoked_at.is_some());
    let refused = service.verify_api_key(verify).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    house.close().await;
}

#[tokio::test]
async fn another_organizations_members_and_keys_are_not_found() {
    let house = House::open().await;
    let (acme, globex) = (house.tenant("acme").await, house.tenant("globex").await);
    let request = proto::CreateApiKeyRequest {
        name: "k".to_owned(),
        role: WireRole::Viewer.into(),
    };
    let key = house
        .auth(&acme)
        .create_api_key(request)
        .await
        .unwrap()
        .into_inner();
    let mut stranger = house.auth(&globex);
    let member_id = acme.owner.to_string();
    let role = WireRole::Viewer.into();

    let set = proto::SetMemberRoleRequest {
        member_id: member_id.clone(),
        role,
    };
    assert_eq!(
        stranger.set_member_role(set).await.unwrap_err().code(),
        Code::NotFound
    );
    let remove = proto::RemoveMemberRequest {
        member_id: member_id.clone(),
    };
    assert_eq!(
        stranger.remove_member(remove).await.unwrap_err().code(),
        Code::NotFound
    );
    let link = proto::CreateSignInLinkRequest { member_id };
    assert_eq!(
        stranger.create_sign_in_link(link).await.unwrap_err().code(),
        Code::NotFound
    );
    let api_key_id = key.api_key.unwrap().api_key_id;
    let revoke = proto::RevokeApiKeyRequest { api_key_id };
    assert_eq!(
        stranger.revoke_api_key(revoke).await.unwrap_err().code(),
        Code::NotFound
    );
    let listed = stranger
        .list_api_keys(proto::ListApiKeysRequest {})
        .await
        .unwrap()
        .into_inner();
    assert!(listed.api_keys.is_empty());
    house.close().await;
}
