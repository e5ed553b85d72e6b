use chrono::TimeDelta;
use harken_contracts::wire::events::v1::{ConnectionClosed, ConnectionOpened};
use harken_contracts::wire::types::v1::OnDisconnect;
use harken_contracts::wire::vault::v1 as proto;
use harken_contracts::wire::vault::v1::vault_client::VaultClient;
use harken_runtime::status;
use harken_testkit::eventually;

use crate::harness::{House, Tenant, reason};
use crate::intercom::Fault;

async fn consent(house: &House, tenant: &Tenant, token: &str) -> proto::Connection {
    let request = proto::BeginOAuthRequest {
        member_id: tenant.owner.to_string(),
        browser_binding: "browser".to_owned(),
        on_disconnect: OnDisconnect::Purge.into(),
        ..proto::BeginOAuthRequest::default()
    };
    let begun = house
        .vault(tenant)
        .begin_o_auth(request)
        .await
        .unwrap()
        .into_inner();
    let url = url::Url::parse(&begun.authorize_url).unwrap();
    let state = url
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
        .into_owned();
    house.intercom.grant("code", token, "ws1");
    let request = proto::CompleteOAuthRequest {
        state,
        code: "code".to_owned(),
        browser_binding: "browser".to_owned(),
        ..proto::CompleteOAuthRequest::default()
    };
    house
        .vault(tenant)
        .complete_o_auth(request)
        .await
        .unwrap()
        .into_inner()
}

async fn disconnect(house: &House, tenant: &Tenant, connection: &proto::Connection) -> i64 {
    let request = proto::DisconnectRequest {
        connection_id: connection.connection_id.clone(),
    };
    let closed = house
        .vault(tenant)
        .disconnect(request)
        .await
        .unwrap()
        .into_inner();
    let then = match connection.on_disconnect() {
        OnDisconnect::Purge => proto::ConnectionState::Disconnecting,
        _ => proto::ConnectionState::Disconnected,
    };
    assert_eq!(closed.state(), then);
    assert!(closed.disconnected_at.is_some());
    closed.revision
}

async fn count(house: &House, table: &str) -> i64 {
    let statement = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM vault.{table}"));
    sqlx::query_scalar(statement)
        .fetch_one(&mut house.owner().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn disconnecting_forgets_the_token_revokes_it_and_tells_every_service() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = consent(&house, &acme, "tok-1").await;
    house.next::<ConnectionOpened>().await;
    house.call(&acme, &connection, "/contacts").await.unwrap();

    assert_eq!(disconnect(&house, &acme, &connection).await, 2);
    assert_eq!(count(&house, "data_keys").await, 0);
    assert_eq!(count(&house, "sealed_secrets").await, 0);
    let closed = house.next::<ConnectionClosed>().await;
    assert_eq!(
        (closed.revision, closed.on_disconnect()),
        (2, OnDisconnect::Purge)
    );
    let refused = house.call(&acme, &connection, "/contacts").await;
    assert_eq!(reason(refused), "CONNECTION_BROKEN");
    eventually("the token is revoked", async || {
        house.intercom.is_dead("tok-1")
    })
    .await;
    eventually("and erased", async || {
        count(&house, "pending_revocations").await == 0
    })
    .await;

    assert_eq!(
        disconnect(&house, &acme, &connection).await,
        2,
        "ended twice, it is ended"
    );
    house.close().await;
}

#[tokio::test]
async fn a_revocation_that_fails_is_tried_again_and_given_up_after_a_day() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = consent(&house, &acme, "tok-1").await;
    for _ in 0..3 {
        house
            .intercom
            .fail_next("/auth/uninstall", Fault::Status(500, "server_error"));
    }
    disconnect(&house, &acme, &connection).await;
    eventually("it failed once", async || {
        house.intercom.count("/auth/uninstall", 500) == 1
    })
    .await;
    assert_eq!(
        count(&house, "pending_revocations").await,
        1,
        "kept, sealed, until it is revoked"
    );
    house.clock.advance(TimeDelta::hours(1));
    eventually("it failed twice", async || {
        house.intercom.count("/auth/uninstall", 500) == 2
    })
    .await;
    house.clock.advance(TimeDelta::hours(24));
    eventually("given up", async || {
        count(&house, "pending_revocations").await == 0
    })
    .await;
    assert!(!house.intercom.is_dead("tok-1"));
    house.close().await;
}

#[tokio::test]
async fn a_pasted_token_is_forgotten_but_its_owners_app_is_not_uninstalled() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    disconnect(&house, &acme, &connection).await;
    assert_eq!(count(&house, "data_keys").await, 0);
    assert_eq!(count(&house, "pending_revocations").await, 0);
    assert!(!house.intercom.is_dead("tok-1"));
    house.close().await;
}

#[tokio::test]
async fn a_workspace_let_go_may_be_connected_by_another_organization() {
    let house = House::open().await;
    let (acme, globex) = (house.tenant("acme").await, house.tenant("globex").await);
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let refused = house.connect(&globex, "tok-2", "ws1").await;
    assert_eq!(reason(refused), "WORKSPACE_OF_ANOTHER_ORGANIZATION");
    disconnect(&house, &acme, &connection).await;
    let taken = house.connect(&globex, "tok-2", "ws1").await.unwrap();
    assert_ne!(taken.connection_id, connection.connection_id);
    let refused = house.connect(&acme, "tok-3", "ws1").await;
    assert_eq!(reason(refused), "WORKSPACE_OF_ANOTHER_ORGANIZATION");
    house.close().await;
}

#[tokio::test]
async fn a_connection_ended_by_another_process_is_not_called_through_any_more() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    house.call(&acme, &connection, "/contacts").await.unwrap();
    let another = house.another().await;
    let channel = another
        .channel("gateway")
        .for_organization(acme.organization);
    let request = proto::DisconnectRequest {
        connection_id: connection.connection_id.clone(),
    };
    VaultClient::new(channel).disconnect(request).await.unwrap();
    eventually("the first process has heard of it", async || {
        let called = house.call(&acme, &connection, "/contacts").await;
        called.is_err_and(|refused| {
            status::reason_of(&refused).as_deref() == Some("CONNECTION_BROKEN")
        })
    })
    .await;
    house.close().await;
}

#[tokio::test]
async fn of_two_organizations_that_connect_a_workspace_at_once_one_succeeds() {
    let house = House::open().await;
    let (acme, globex) = (house.tenant("acme").await, house.tenant("globex").await);
    let (one, other) = tokio::join!(
        house.connect(&acme, "tok-1", "ws1"),
        house.connect(&globex, "tok-2", "ws1")
    );
    let refused = match (one, other) {
        (Ok(_), refused @ Err(_)) | (refused @ Err(_), Ok(_)) => refused,
        both => panic!("{both:?}"),
    };
    assert_eq!(reason(refused), "WORKSPACE_OF_ANOTHER_ORGANIZATION");
    house.close().await;
}
