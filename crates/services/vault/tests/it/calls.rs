use std::time::Duration;

use chrono::TimeDelta;
use harken_contracts::wire::events::v1::{ConnectionClosed, ConnectionOpened};
use harken_contracts::wire::types::v1::OnDisconnect;
use harken_contracts::wire::vault::v1 as proto;
use harken_contracts::wire::vault::v1::vault_client::VaultClient;
use harken_testkit::eventually;
use tonic::Code;

use crate::harness::{House, get, reason};
use crate::intercom::Fault;

/// How often the token of any connection was opened.
async fn openings(house: &House) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM vault.audit_entries WHERE action = 'secret.opened'")
        .fetch_one(&mut house.owner().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_answer_comes_head_first_and_then_whole() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let called = house.call(&acme, &connection, "/large").await.unwrap();
    assert_eq!((called.head.status, called.body.len()), (200, 3_000_000));
    assert_eq!(called.head.request_id, "req-1");
    let seen = house.intercom.seen();
    let headers = &seen.last().unwrap().headers;
    assert_eq!(headers["authorization"], "Bearer tok-1");
    assert_eq!(headers["intercom-version"], "2.16");
    assert_eq!(headers["accept"], "application/json");
    house.close().await;
}

#[tokio::test]
async fn what_comes_in_small_pieces_goes_on_in_few() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let called = house.call(&acme, &connection, "/trickle").await.unwrap();
    assert_eq!(called.body.len(), 300_000);
    assert!(called.pieces <= 5, "{} pieces", called.pieces);
    let called = house.call(&acme, &connection, "/empty").await.unwrap();
    assert_eq!((called.head.status, called.pieces), (200, 0));
    house.close().await;
}

#[tokio::test]
async fn refusals_of_intercom_are_answers() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    house.intercom.forbid("tok-1", &["/secret"]);
    for (path, status) in [("/missing", 404), ("/secret", 403), ("/gone", 410)] {
        let called = house.call(&acme, &connection, path).await.unwrap();
        assert_eq!(called.head.status, status);
        assert!(called.body.starts_with(b"{"));
    }
    let gone = house.call(&acme, &connection, "/gone").await.unwrap();
    assert_eq!(gone.head.canonical_link, "/contacts/5b");
    house.close().await;
}

#[tokio::test]
async fn a_search_is_posted_with_its_body() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let request = proto::CallRequest {
        method: "POST".to_owned(),
        body: br#"{"query":{}}"#[..].into(),
        ..get(&connection, "/conversations/search")
    };
    let called = house.call_with(&acme, request).await.unwrap();
    assert!(String::from_utf8(called.body).unwrap().contains("\"41\""));
    house.close().await;
}

#[tokio::test]
async fn nothing_that_writes_or_leads_elsewhere_passes() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let before = house.intercom.seen().len();
    for (method, path, expected) in [
        ("POST", "/conversations/1/reply", "READ_ONLY"),
        ("POST", "/auth/uninstall", "READ_ONLY"),
        ("DELETE", "/contacts/1", "READ_ONLY"),
        ("PUT", "/contacts/1", "READ_ONLY"),
        ("GET", "//evil.example/x", "INVALID_ARGUMENT"),
        ("GET", "@evil.example", "INVALID_ARGUMENT"),
        ("GET", "https://evil.example/", "INVALID_ARGUMENT"),
        ("GET", "/a/../b", "INVALID_ARGUMENT"),
        ("GET", "/a\r\nX: y", "INVALID_ARGUMENT"),
    ] {
        let request = proto::CallRequest {
            method: method.to_owned(),
            ..get(&connection, path)
        };
        let refused = house.call_with(&acme, request).await;
        assert_eq!(reason(refused), expected, "{method} {path}");
    }
    assert_eq!(
        house.intercom.seen().len(),
        before,
        "none of it reached Intercom"
    );
    house.close().await;
}

#[tokio::test]
async fn only_services_that_read_may_call() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let refused = house.vault(&acme).call(get(&connection, "/me")).await;
    assert_eq!(reason(refused.map(|_| ())), "SERVICES_ONLY");
    let nowhere = house.server.channel("sync").for_no_organization();
    let refused = VaultClient::new(nowhere)
        .call(get(&connection, "/me"))
        .await;
    assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
    house.close().await;
}

#[tokio::test]
async fn trouble_at_intercom_is_repeated_and_told_only_when_it_lasts() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    house
        .intercom
        .fail_next("/contacts", Fault::Status(502, "server_error"));
    house.intercom.fail_next("/contacts", Fault::Hang);
    let called = house.call(&acme, &connection, "/contacts").await.unwrap();
    assert_eq!(called.head.status, 200);

    for _ in 0..5 {
        house
            .intercom
            .fail_next("/contacts", Fault::Status(503, "service_unavailable"));
    }
    let refused = house.call(&acme, &connection, "/contacts").await;
    assert_eq!(reason(refused), "INTERCOM_UNAVAILABLE");
    assert_eq!(house.intercom.count("/contacts", 503), 5);
    for _ in 0..5 {
        house.intercom.fail_next("/contacts", Fault::Hang);
    }
    let refused = house.call(&acme, &connection, "/contacts").await;
    assert_eq!(reason(refused), "INTERCOM_UNREACHABLE");
    house.close().await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_or_does_not_end_is_an_error_not_an_answer() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    house.intercom.fail_next("/contacts", Fault::BreakOff);
    let broken = house.call(&acme, &connection, "/contacts").await;
    assert_eq!(reason(broken), "INTERCOM_UNREACHABLE");

    house.intercom.fail_next("/contacts", Fault::Endless);
    let request = proto::CallRequest {
        max_body_bytes: 1_000_000,
        ..get(&connection, "/contacts")
    };
    let refused = house.call_with(&acme, request).await;
    assert_eq!(
        refused.as_ref().unwrap_err().code(),
        Code::ResourceExhausted
    );
    assert_eq!(reason(refused), "ANSWER_TOO_LARGE");
    house.close().await;
}

#[tokio::test]
async fn a_refused_endpoint_is_a_missing_permission_and_not_a_dead_token() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    for code in ["token_unauthorized", "unauthorized"] {
        house
            .intercom
            .fail_next("/tickets", Fault::Status(401, code));
        let called = house.call(&acme, &connection, "/tickets").await.unwrap();
        assert_eq!(called.head.status, 401);
        assert!(String::from_utf8(called.body).unwrap().contains(code));
    }
    house.call(&acme, &connection, "/contacts").await.unwrap();
    house.close().await;
}

#[tokio::test]
async fn a_dead_token_closes_the_connection_once_and_says_why() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    house.next::<ConnectionOpened>().await;
    house.intercom.kill("tok-1");
    let calls = (0..10).map(|_| house.call(&acme, &connection, "/contacts"));
    for refused in futures::future::join_all(calls).await {
        assert_eq!(reason(refused), "CONNECTION_BROKEN");
    }
    let closed = house.next::<ConnectionClosed>().await;
    assert_eq!(
        (closed.revision, closed.on_disconnect()),
        (2, OnDisconnect::Retain)
    );
    assert!(closed.reason.contains("connect again"));

    let request = proto::GetConnectionRequest {
        connection_id: connection.connection_id.clone(),
    };
    let now = house
        .vault(&acme)
        .get_connection(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(now.state(), proto::ConnectionState::Disconnected);
    for evidence in [
        "Intercom refuses the access token",
        "401 token_revoked on GET /me at 2026-11-20 12:0",
    ] {
        assert!(now.state_reason.contains(evidence), "{}", now.state_reason);
    }
    assert!(now.disconnected_at.is_some());
    let sealed: i64 = sqlx::query_scalar("SELECT count(*) FROM vault.data_keys")
        .fetch_one(&mut house.owner().await)
        .await
        .unwrap();
    assert_eq!(sealed, 0, "a dead token is forgotten");

    let again = house.connect(&acme, "tok-2", "ws1").await.unwrap();
    assert_eq!(
        (&again.connection_id, again.revision),
        (&connection.connection_id, 3)
    );
    assert_eq!(house.next::<ConnectionOpened>().await.revision, 3);
    house.call(&acme, &again, "/contacts").await.unwrap();
    house.close().await;
}

#[tokio::test]
async fn testing_a_connection_with_a_dead_token_closes_it_too() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    house.next::<ConnectionOpened>().await;
    let request = proto::TestConnectionRequest {
        connection_id: connection.connection_id.clone(),
    };
    let report = house
        .vault(&acme)
        .test_connection(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert!(report.ok);
    house.intercom.kill("tok-1");
    let refused = house.vault(&acme).test_connection(request).await;
    assert_eq!(reason(refused), "CONNECTION_BROKEN");
    house.next::<ConnectionClosed>().await;
    house.close().await;
}

#[tokio::test]
async fn a_token_is_opened_once_in_five_minutes_however_many_call() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let calls = (0..20).map(|_| house.call(&acme, &connection, "/contacts"));
    for called in futures::future::join_all(calls).await {
        called.unwrap();
    }
    house.clock.advance(TimeDelta::seconds(299));
    house.call(&acme, &connection, "/contacts").await.unwrap();
    assert_eq!(openings(&house).await, 1);
    house.clock.advance(TimeDelta::seconds(1));
    house.call(&acme, &connection, "/contacts").await.unwrap();
    assert_eq!(openings(&house).await, 2);
    house.close().await;
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_leaves_the_line_usable() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    for _ in 0..3 {
        house.intercom.fail_next("/contacts", Fault::Hang);
        let call = house.call(&acme, &connection, "/contacts");
        assert!(
            tokio::time::timeout(Duration::from_millis(100), call)
                .await
                .is_err()
        );
    }
    eventually("the next call is answered", async || {
        house.call(&acme, &connection, "/me").await.is_ok()
    })
    .await;
    house.close().await;
}
