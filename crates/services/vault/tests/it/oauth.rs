use chrono::TimeDelta;
use harken_contracts::wire::events::v1::{ConnectionClosed, ConnectionOpened};
use harken_contracts::wire::types::v1::{DataPolicy, OnDisconnect};
use harken_contracts::wire::vault::v1 as proto;
use harken_runtime::Environment;
use tonic::Status;
use url::Url;

use crate::harness::{House, Tenant, reason};
use crate::intercom::Fault;

const BROWSER: &str = "ses_of_this_browser";

async fn begin(house: &House, tenant: &Tenant) -> String {
    begin_with(house, tenant, DataPolicy::Unspecified).await
}

/// Begins and answers the state.
async fn begin_with(house: &House, tenant: &Tenant, policy: DataPolicy) -> String {
    let request = proto::BeginOAuthRequest {
        member_id: tenant.owner.to_string(),
        browser_binding: BROWSER.to_owned(),
        data_policy: policy.into(),
        on_disconnect: OnDisconnect::Unspecified.into(),
        ..proto::BeginOAuthRequest::default()
    };
    let begun = house
        .vault(tenant)
        .begin_o_auth(request)
        .await
        .unwrap()
        .into_inner();
    let url = Url::parse(&begun.authorize_url).unwrap();
    let mut query = url.query_pairs();
    query
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
        .into_owned()
}

fn callback(state: &str, code: &str) -> proto::CompleteOAuthRequest {
    proto::CompleteOAuthRequest {
        state: state.to_owned(),
        code: code.to_owned(),
        error: String::new(),
        browser_binding: BROWSER.to_owned(),
    }
}

async fn complete(
    house: &House,
    tenant: &Tenant,
    callback: proto::CompleteOAuthRequest,
) -> Result<proto::Connection, Status> {
    let answer = house.vault(tenant).complete_o_auth(callback).await?;
    Ok(answer.into_inner())
}

#[tokio::test]
async fn consent_makes_a_connection_and_every_service_hears_of_it() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    house.intercom.grant("code-ends-in==", "tok-1", "ws1");
    let request = proto::BeginOAuthRequest {
        member_id: acme.owner.to_string(),
        browser_binding: BROWSER.to_owned(),
        data_policy: DataPolicy::MetadataOnly.into(),
        on_disconnect: OnDisconnect::Purge.into(),
        ..proto::BeginOAuthRequest::default()
    };
    let begun = house
        .vault(&acme)
        .begin_o_auth(request)
        .await
        .unwrap()
        .into_inner();
    let url = Url::parse(&begun.authorize_url).unwrap();
    assert_eq!(url.path(), "/oauth");
    let query: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(query["client_id"], "client-1");
    assert_eq!(query["response_type"], "code");
    assert_eq!(
        query["redirect_uri"],
        "http://127.0.0.1:7400/oauth/intercom/callback"
    );
    assert_eq!(query["state"].len(), 43, "256 bits");

    let state = &query["state"];
    let connection = complete(&house, &acme, callback(state, "code-ends-in=="))
        .await
        .unwrap();
    assert_eq!(connection.workspace_id, "ws1");
    assert_eq!(connection.workspace_name, "Workspace ws1");
    assert_eq!(connection.timezone, "Europe/Berlin");
    assert_eq!(connection.connected_by, "Owner of acme");
    assert_eq!(connection.state(), proto::ConnectionState::Connected);
    assert_eq!(connection.method(), proto::ConnectionMethod::Oauth);
    assert_eq!(connection.data_policy(), DataPolicy::MetadataOnly);
    assert_eq!(connection.on_disconnect(), OnDisconnect::Purge);

    let opened = house.next::<ConnectionOpened>().await;
    assert_eq!(opened.connection_id, connection.connection_id);
    assert_eq!(opened.organization_id, acme.organization.to_string());
    assert_eq!(opened.data_policy(), DataPolicy::MetadataOnly);
    assert_eq!(opened.revision, 1);
    let call = house.call(&acme, &connection, "/contacts").await.unwrap();
    assert_eq!(call.head.status, 200);
    house.close().await;
}

#[tokio::test]
async fn a_state_succeeds_at_most_once_however_many_try() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let state = begin(&house, &acme).await;
    for attempt in 0..6 {
        house
            .intercom
            .grant(&format!("code-{attempt}"), &format!("tok-{attempt}"), "ws1");
    }
    let attempts =
        (0..6).map(|attempt| complete(&house, &acme, callback(&state, &format!("code-{attempt}"))));
    let outcomes = futures::future::join_all(attempts).await;
    let (connected, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((connected.len(), refused.len()), (1, 5));
    for refusal in refused {
        assert_eq!(reason(refusal), "OAUTH_STATE_UNKNOWN");
    }
    house.close().await;
}

#[tokio::test]
async fn another_browser_and_another_tenant_cannot_use_a_state_nor_use_it_up() {
    let house = House::open().await;
    let (acme, globex) = (house.tenant("acme").await, house.tenant("globex").await);
    house.intercom.grant("code-1", "tok-1", "ws1");
    let state = begin(&house, &acme).await;

    let elsewhere = proto::CompleteOAuthRequest {
        browser_binding: "ses_of_a_thief".to_owned(),
        ..callback(&state, "code-1")
    };
    assert_eq!(
        reason(complete(&house, &acme, elsewhere).await),
        "OAUTH_STATE_UNKNOWN"
    );
    let other_tenant = complete(&house, &globex, callback(&state, "code-1")).await;
    assert_eq!(reason(other_tenant), "OAUTH_STATE_UNKNOWN");
    let made_up = complete(&house, &acme, callback("made-up", "code-1")).await;
    assert_eq!(reason(made_up), "OAUTH_STATE_UNKNOWN");

    complete(&house, &acme, callback(&state, "code-1"))
        .await
        .unwrap();
    house.close().await;
}

#[tokio::test]
async fn a_state_lapses_after_ten_minutes() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    house.intercom.grant("code-1", "tok-1", "ws1");
    let state = begin(&house, &acme).await;
    house.clock.advance(TimeDelta::minutes(10));
    let late = complete(&house, &acme, callback(&state, "code-1")).await;
    assert_eq!(reason(late), "OAUTH_STATE_EXPIRED");
    house.close().await;
}

#[tokio::test]
async fn what_went_wrong_in_intercom_is_told_apart() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    for (error, expected) in [
        ("access_denied", "OAUTH_CANCELLED"),
        ("invalid_client", "OAUTH_WRONG_CLIENT"),
        ("redirect_uri_mismatch", "OAUTH_REDIRECT_MISMATCH"),
        ("server_error", "OAUTH_CODE_REFUSED"),
        // Neither code nor error: Intercom does not document what a denial looks like.
        ("", "OAUTH_CANCELLED"),
    ] {
        let state = begin(&house, &acme).await;
        let refused = proto::CompleteOAuthRequest {
            error: error.to_owned(),
            ..callback(&state, "")
        };
        assert_eq!(
            reason(complete(&house, &acme, refused).await),
            expected,
            "{error}"
        );
        let again = complete(&house, &acme, callback(&state, "code")).await;
        assert_eq!(
            reason(again),
            "OAUTH_STATE_UNKNOWN",
            "{error} uses the state up"
        );
    }
    house.close().await;
}

#[tokio::test]
async fn a_refused_exchange_is_told_apart() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let state = begin(&house, &acme).await;
    let unknown = complete(&house, &acme, callback(&state, "never-given")).await;
    assert_eq!(reason(unknown), "OAUTH_CODE_REFUSED");

    house.intercom.grant("code-1", "tok-1", "ws1");
    let state = begin(&house, &acme).await;
    for _ in 0..5 {
        house
            .intercom
            .fail_next("/me", Fault::Status(503, "service_unavailable"));
    }
    let away = complete(&house, &acme, callback(&state, "code-1")).await;
    assert_eq!(reason(away), "INTERCOM_UNREACHABLE");
    house.close().await;
}

#[tokio::test]
async fn a_wrong_client_secret_is_told_as_such() {
    let wrong = |environment: Environment| {
        environment.with("HARKEN_INTERCOM_CLIENT_SECRET", "of-another-app")
    };
    let house = House::open_with(wrong).await;
    let acme = house.tenant("acme").await;
    house.intercom.grant("code-1", "tok-1", "ws1");
    let state = begin(&house, &acme).await;
    let refused = complete(&house, &acme, callback(&state, "code-1")).await;
    assert_eq!(reason(refused), "OAUTH_WRONG_CLIENT");
    house.close().await;
}

#[tokio::test]
async fn a_workspace_is_connected_to_one_organization() {
    let house = House::open().await;
    let (acme, globex) = (house.tenant("acme").await, house.tenant("globex").await);
    house.intercom.grant("code-1", "tok-1", "ws1");
    let state = begin(&house, &acme).await;
    complete(&house, &acme, callback(&state, "code-1"))
        .await
        .unwrap();

    house.intercom.grant("code-2", "tok-2", "ws1");
    let state = begin(&house, &acme).await;
    let twice = complete(&house, &acme, callback(&state, "code-2")).await;
    assert!(twice.as_ref().unwrap_err().message().contains("ws1"));
    assert_eq!(reason(twice), "ALREADY_CONNECTED");

    house.intercom.grant("code-3", "tok-3", "ws1");
    let state = begin(&house, &globex).await;
    let elsewhere = complete(&house, &globex, callback(&state, "code-3")).await;
    assert!(elsewhere.as_ref().unwrap_err().message().contains("ws1"));
    assert_eq!(reason(elsewhere), "WORKSPACE_OF_ANOTHER_ORGANIZATION");
    assert!(
        !house.intercom.is_dead("tok-1"),
        "a refusal uninstalls nothing"
    );
    house.close().await;
}

#[tokio::test]
async fn a_disconnected_workspace_is_connected_again_as_the_same_connection() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    house.intercom.grant("code-1", "tok-1", "ws1");
    let state = begin_with(&house, &acme, DataPolicy::MetadataOnly).await;
    let first = complete(&house, &acme, callback(&state, "code-1"))
        .await
        .unwrap();
    house.next::<ConnectionOpened>().await;
    let connection_id = first.connection_id.clone();
    let request = proto::DisconnectRequest {
        connection_id: connection_id.clone(),
    };
    house.vault(&acme).disconnect(request).await.unwrap();
    assert_eq!(house.next::<ConnectionClosed>().await.revision, 2);

    house.intercom.grant("code-2", "tok-2", "ws1");
    let state = begin_with(&house, &acme, DataPolicy::Full).await;
    let widened = complete(&house, &acme, callback(&state, "code-2")).await;
    assert_eq!(
        reason(widened),
        "POLICY_FIXED",
        "what was promised once stays promised"
    );

    house.intercom.grant("code-3", "tok-3", "ws1");
    let state = begin(&house, &acme).await;
    let second = complete(&house, &acme, callback(&state, "code-3"))
        .await
        .unwrap();
    assert_eq!(second.connection_id, connection_id);
    assert_eq!(
        (second.revision, second.data_policy()),
        (3, DataPolicy::MetadataOnly)
    );
    assert_eq!(house.next::<ConnectionOpened>().await.revision, 3);
    house.call(&acme, &second, "/contacts").await.unwrap();
    let seen = house.intercom.seen();
    assert_eq!(
        seen.last().unwrap().headers["authorization"],
        "Bearer tok-3"
    );
    house.close().await;
}

#[tokio::test]
async fn without_an_app_oauth_says_what_to_set() {
    let bare = |_| Environment::from_pairs([("HARKEN_KEY_ENCRYPTION_KEY", "5a".repeat(32))]);
    let house = House::open_with(bare).await;
    let acme = house.tenant("acme").await;
    let request = proto::BeginOAuthRequest {
        member_id: acme.owner.to_string(),
        browser_binding: BROWSER.to_owned(),
        ..proto::BeginOAuthRequest::default()
    };
    let refused = house.vault(&acme).begin_o_auth(request).await;
    assert!(
        refused
            .as_ref()
            .unwrap_err()
            .message()
            .contains("HARKEN_INTERCOM_CLIENT_ID")
    );
    assert_eq!(reason(refused), "OAUTH_NOT_CONFIGURED");
    house.close().await;
}
