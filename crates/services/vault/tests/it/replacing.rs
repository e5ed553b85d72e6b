//! A token is replaced, and a connection is connected again: to its workspace and to no other.

use harken_contracts::wire::events::v1::{ConnectionClosed, ConnectionOpened};
use harken_contracts::wire::vault::v1 as proto;
use tonic::{Code, Status};

use crate::harness::{House, Tenant, reason};

impl House {
    async fn replace(
        &self,
        tenant: &Tenant,
        id: &str,
        token: &str,
    ) -> Result<proto::Connection, Status> {
        let request = proto::ReplaceTokenRequest {
            connection_id: id.to_owned(),
            access_token: token.to_owned(),
        };
        let answer = self.vault(tenant).replace_token(request).await?;
        Ok(answer.into_inner())
    }

    async fn reconnect(
        &self,
        tenant: &Tenant,
        id: &str,
        token: &str,
    ) -> Result<proto::Connection, Status> {
        let request = proto::ConnectWithTokenRequest {
            access_token: token.to_owned(),
            member_id: tenant.owner.to_string(),
            connection_id: id.to_owned(),
            ..proto::ConnectWithTokenRequest::default()
        };
        let answer = self.vault(tenant).connect_with_token(request).await?;
        Ok(answer.into_inner())
    }

    fn last_authorization(&self, path: &str) -> String {
        let seen = self.intercom.seen();
        let last = seen.iter().rev().find(|seen| seen.path == path).unwrap();
        let authorization = last.headers.get("authorization").unwrap();
        authorization.to_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_replaced_token_is_used_from_then_on_and_the_old_one_is_forgotten() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let id = connection.connection_id.as_str();
    house.next::<ConnectionOpened>().await;
    house.call(&acme, &connection, "/contacts").await.unwrap();
    house.intercom.admit("tok-2", "ws1");
    let replaced = house.replace(&acme, id, "tok-2").await.unwrap();
    assert_eq!(
        (replaced.connection_id.as_str(), replaced.revision),
        (id, 2)
    );
    assert_eq!(replaced.connected_at, connection.connected_at);
    let opened = house.next::<ConnectionOpened>().await;
    assert_eq!(opened.revision, 2);
    house.call(&acme, &connection, "/contacts").await.unwrap();
    assert_eq!(house.last_authorization("/contacts"), "Bearer tok-2");
    let sealed: i64 = sqlx::query_scalar("SELECT count(*) FROM vault.sealed_secrets")
        .fetch_one(&mut house.owner().await)
        .await
        .unwrap();
    assert_eq!(sealed, 1);
    let audit = house.audit().await;
    assert!(
        audit
            .iter()
            .any(|(action, _)| action == "connection.token_replaced")
    );
    house.close().await;
}

#[tokio::test]
async fn a_connection_whose_token_died_is_opened_again_by_another_token() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let id = connection.connection_id.as_str();
    house.next::<ConnectionOpened>().await;
    house.intercom.kill("tok-1");
    // One request, and the state and its evidence are known.
    let refused = house
        .call(&acme, &connection, "/contacts")
        .await
        .unwrap_err();
    assert!(
        refused.message().contains("401 token_revoked on GET /me"),
        "{refused:?}"
    );
    house.next::<ConnectionClosed>().await;
    house.intercom.admit("tok-2", "ws1");
    let replaced = house.replace(&acme, id, "tok-2").await.unwrap();
    assert_eq!(replaced.state(), proto::ConnectionState::Connected);
    assert_eq!(
        (replaced.state_reason.as_str(), replaced.disconnected_at),
        ("", None)
    );
    assert_eq!(house.next::<ConnectionOpened>().await.revision, 3);
    house.call(&acme, &connection, "/contacts").await.unwrap();
    house.close().await;
}

#[tokio::test]
async fn a_token_of_another_workspace_is_refused_with_the_choice() {
    let house = House::open().await;
    let (acme, globex) = (house.tenant("acme").await, house.tenant("globex").await);
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let id = connection.connection_id.as_str();
    house.intercom.admit("tok-2", "ws2");
    let refused = house.replace(&acme, id, "tok-2").await.unwrap_err();
    let words = refused.message().to_owned();
    for part in ["(ws1)", "(ws2)", "connection of its own"] {
        assert!(words.contains(part), "{words}");
    }
    assert_eq!(reason::<()>(Err(refused)), "WORKSPACE_DIFFERS");
    assert_eq!(
        reason(house.replace(&acme, id, "unheard-of").await),
        "TOKEN_REFUSED"
    );
    house.intercom.admit("tok-3", "ws1");
    house.intercom.forbid("tok-3", &["/contacts"]);
    assert_eq!(
        reason(house.replace(&acme, id, "tok-3").await),
        "PERMISSION_MISSING"
    );
    let foreign = house.replace(&globex, id, "tok-1").await.unwrap_err();
    assert_eq!(foreign.code(), Code::NotFound);
    house.call(&acme, &connection, "/contacts").await.unwrap();
    assert_eq!(house.last_authorization("/contacts"), "Bearer tok-1");
    house.close().await;
}

#[tokio::test]
async fn a_connection_that_is_named_is_reconnected_to_its_own_workspace_alone() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let id = connection.connection_id.as_str();
    let request = proto::DisconnectRequest {
        connection_id: id.to_owned(),
    };
    house.vault(&acme).disconnect(request).await.unwrap();
    house.intercom.admit("tok-2", "ws2");
    let refused = house.reconnect(&acme, id, "tok-2").await;
    assert_eq!(reason(refused), "WORKSPACE_DIFFERS");
    let mut vault = house.vault(&acme);
    let listed = vault
        .list_connections(proto::ListConnectionsRequest {})
        .await;
    assert_eq!(listed.unwrap().into_inner().connections.len(), 1);
    house.intercom.admit("tok-3", "ws1");
    let again = house.reconnect(&acme, id, "tok-3").await.unwrap();
    assert_eq!((again.connection_id.as_str(), again.revision), (id, 3));
    let unknown = harken_domain::ConnectionId::derive(&[b"nobody's"]).to_string();
    let refused = house.reconnect(&acme, &unknown, "tok-3").await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    house.close().await;
}

#[tokio::test]
async fn the_consent_screen_reconnects_the_named_connection_or_none() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let id = connection.connection_id.as_str();
    house.intercom.kill("tok-1");
    house
        .call(&acme, &connection, "/contacts")
        .await
        .unwrap_err();
    for (code, token, workspace, expected) in [
        ("code-2", "tok-2", "ws2", Err("WORKSPACE_DIFFERS")),
        ("code-3", "tok-3", "ws1", Ok(3)),
    ] {
        let request = proto::BeginOAuthRequest {
            member_id: acme.owner.to_string(),
            browser_binding: "browser".to_owned(),
            connection_id: id.to_owned(),
            ..proto::BeginOAuthRequest::default()
        };
        let begun = house.vault(&acme).begin_o_auth(request).await.unwrap();
        let url = url::Url::parse(&begun.into_inner().authorize_url).unwrap();
        let state = url.query_pairs().find(|(name, _)| name == "state");
        house.intercom.grant(code, token, workspace);
        let request = proto::CompleteOAuthRequest {
            state: state.unwrap().1.into_owned(),
            code: code.to_owned(),
            browser_binding: "browser".to_owned(),
            ..proto::CompleteOAuthRequest::default()
        };
        let completed = house.vault(&acme).complete_o_auth(request).await;
        match (completed, expected) {
            (Ok(connected), Ok(revision)) => {
                let connected = connected.into_inner();
                assert_eq!(
                    (connected.connection_id.as_str(), connected.revision),
                    (id, revision)
                );
            }
            (refused, Err(expected)) => assert_eq!(reason(refused), expected),
            (Err(refused), Ok(_)) => panic!("{refused:?}"),
        }
    }
    assert_eq!(
        reason(house.replace(&acme, id, "tok-4").await),
        "NOT_BY_TOKEN"
    );
    house.close().await;
}
