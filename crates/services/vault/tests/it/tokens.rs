use harken_contracts::wire::auth::v1::CreateApiKeyRequest;
use harken_contracts::wire::types::v1::Role as WireRole;
use harken_contracts::wire::vault::v1 as proto;
use harken_contracts::wire::vault::v1::vault_client::VaultClient;
use harken_domain::Role;
use tonic::Code;

use crate::harness::{House, reason};
use crate::intercom::Fault;

async fn test(house: &House, tenant: &crate::harness::Tenant, token: &str) -> proto::TestReport {
    let request = proto::TestTokenRequest {
        access_token: token.to_owned(),
    };
    house
        .vault(tenant)
        .test_token(request)
        .await
        .unwrap()
        .into_inner()
}

#[tokio::test]
async fn a_token_proves_each_permission_by_a_call() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    house.intercom.admit("tok-1", "ws1");
    let report = test(&house, &acme, " tok-1\n").await;
    assert!(report.ok, "{report:?}");
    assert_eq!(report.workspace_id, "ws1");
    let called: Vec<_> = report
        .checks
        .iter()
        .map(|check| check.call.as_str())
        .collect();
    assert_eq!(
        called,
        [
            "GET /me",
            "GET /admins",
            "GET /contacts?per_page=1",
            "GET /companies?per_page=1",
            "GET /tags",
            "POST /conversations/search",
            "GET /conversations/{id}",
        ]
    );
    assert_eq!(house.intercom.count("/conversations/41", 200), 1);
    let seen = house.intercom.seen();
    assert!(
        seen.iter()
            .all(|seen| seen.headers["intercom-version"] == "2.16")
    );
    house.close().await;
}

#[tokio::test]
async fn a_missing_permission_is_named_with_its_remedy_and_refuses_the_connection() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    house.intercom.admit("tok-1", "ws1");
    house.intercom.forbid("tok-1", &["/conversations", "/tags"]);
    let report = test(&house, &acme, "tok-1").await;
    assert!(!report.ok);
    let missing: Vec<_> = report
        .checks
        .iter()
        .filter(|check| !check.granted)
        .collect();
    let names: Vec<_> = missing
        .iter()
        .map(|check| check.permission.as_str())
        .collect();
    assert_eq!(names, ["Read tags", "Read conversations"]);
    assert!(
        missing
            .iter()
            .all(|check| check.remedy.contains("Developer Hub"))
    );
    assert!(
        missing
            .iter()
            .all(|check| check.intercom_request_id == "req-1")
    );

    let request = proto::ConnectWithTokenRequest {
        access_token: "tok-1".to_owned(),
        member_id: acme.owner.to_string(),
        ..proto::ConnectWithTokenRequest::default()
    };
    let refused = house.vault(&acme).connect_with_token(request).await;
    let message = refused.as_ref().unwrap_err().message().to_owned();
    assert!(
        message.contains("Read tags") && message.contains("Read conversations"),
        "{message}"
    );
    assert_eq!(reason(refused), "PERMISSION_MISSING");
    house.close().await;
}

#[tokio::test]
async fn a_token_without_leave_to_read_itself_is_reported_not_refused() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    house.intercom.admit("tok-1", "ws1");
    house.intercom.forbid("tok-1", &["/me"]);
    let report = test(&house, &acme, "tok-1").await;
    assert!(!report.ok);
    assert_eq!(report.checks[0].permission, "Read one admin");
    assert!(!report.checks[0].granted);
    house.close().await;
}

#[tokio::test]
async fn wrong_tokens_are_explained() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let unknown = proto::TestTokenRequest {
        access_token: "tok-unknown".to_owned(),
    };
    let refused = house.vault(&acme).test_token(unknown).await;
    assert_eq!(reason(refused), "TOKEN_REFUSED");
    for malformed in ["", "  ", "two words", "line\nbreak", "é"] {
        let request = proto::TestTokenRequest {
            access_token: malformed.to_owned(),
        };
        let refused = house.vault(&acme).test_token(request).await;
        assert_eq!(reason(refused), "INVALID_ARGUMENT", "{malformed:?}");
    }
    for _ in 0..5 {
        house
            .intercom
            .fail_next("/me", Fault::Status(500, "server_error"));
    }
    let request = proto::TestTokenRequest {
        access_token: "tok".to_owned(),
    };
    let away = house.vault(&acme).test_token(request).await;
    assert_eq!(reason(away), "INTERCOM_UNREACHABLE");
    house.close().await;
}

#[tokio::test]
async fn a_connection_says_who_made_it_and_is_found_by_its_own_organization_alone() {
    let house = House::open().await;
    let (acme, globex) = (house.tenant("acme").await, house.tenant("globex").await);
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    assert_eq!(connection.connected_by, "Owner of acme");
    assert_eq!(connection.method(), proto::ConnectionMethod::AccessToken);
    let listed = house
        .vault(&acme)
        .list_connections(proto::ListConnectionsRequest {})
        .await;
    assert_eq!(
        listed.unwrap().into_inner().connections,
        std::slice::from_ref(&connection)
    );

    let connection_id = connection.connection_id.clone();
    let mut stranger = house.vault(&globex);
    let get = proto::GetConnectionRequest {
        connection_id: connection_id.clone(),
    };
    assert_eq!(
        stranger.get_connection(get).await.unwrap_err().code(),
        Code::NotFound
    );
    let probe = proto::TestConnectionRequest {
        connection_id: connection_id.clone(),
    };
    assert_eq!(
        stranger.test_connection(probe).await.unwrap_err().code(),
        Code::NotFound
    );
    let end = proto::DisconnectRequest { connection_id };
    assert_eq!(
        stranger.disconnect(end).await.unwrap_err().code(),
        Code::NotFound
    );
    assert_eq!(
        house
            .call(&globex, &connection, "/me")
            .await
            .unwrap_err()
            .code(),
        Code::NotFound
    );
    let listed = stranger
        .list_connections(proto::ListConnectionsRequest {})
        .await
        .unwrap();
    assert!(listed.into_inner().connections.is_empty());
    house.close().await;
}

#[tokio::test]
async fn an_api_key_of_an_admin_connects_under_its_own_name() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let request = CreateApiKeyRequest {
        name: "ops".to_owned(),
        role: WireRole::Admin.into(),
    };
    let key = house
        .auth(&acme)
        .create_api_key(request)
        .await
        .unwrap()
        .into_inner();
    let verified = harken_runtime::VerifiedKey {
        id: key.api_key.unwrap().api_key_id.parse().unwrap(),
        organization: acme.organization,
        role: Role::Admin,
    };
    house.server.keys.add(&key.secret, verified);
    house.intercom.admit("tok-1", "ws1");
    let mut request = tonic::Request::new(proto::ConnectWithTokenRequest {
        access_token: "tok-1".to_owned(),
        ..proto::ConnectWithTokenRequest::default()
    });
    let bearer = format!("Bearer {}", key.secret).parse().unwrap();
    request.metadata_mut().insert("authorization", bearer);
    let mut client = VaultClient::connect(house.server.url()).await.unwrap();
    let connection = client
        .connect_with_token(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(connection.connected_by, "API key “ops”");
    house.close().await;
}

#[tokio::test]
async fn managing_connections_needs_an_admin() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let mut member = VaultClient::new(house.console_as(&acme, Role::Member, acme.owner));
    let connection_id = connection.connection_id;
    let begin = proto::BeginOAuthRequest::default();
    assert_eq!(reason(member.begin_o_auth(begin).await), "ROLE_TOO_LOW");
    let connect = proto::ConnectWithTokenRequest::default();
    assert_eq!(
        reason(member.connect_with_token(connect).await),
        "ROLE_TOO_LOW"
    );
    let end = proto::DisconnectRequest {
        connection_id: connection_id.clone(),
    };
    assert_eq!(reason(member.disconnect(end).await), "ROLE_TOO_LOW");
    let get = proto::GetConnectionRequest { connection_id };
    assert!(member.get_connection(get).await.is_ok());
    house.close().await;
}
