use chrono::TimeDelta;
use harken_contracts::convert::timestamp;
use harken_contracts::events::Event as _;
use harken_contracts::wire::events::v1::ConnectionClosed;
use harken_contracts::wire::ingress::v1::{
    Deliveries, GetDeliveriesRequest, GetEdgeStatusRequest, RefusalReason,
};
use harken_contracts::wire::vault::v1::WebhookKey;
use harken_testkit::{eventually, eventually_some};
use serde_json::Value;
use tonic::Code;

use crate::client;
use crate::harness::{
    House, OWN_SECRET, OWN_WORKSPACE, WORKSPACE, connection, notification, notification_of,
    own_path,
};
use crate::vault::{key, organization};

fn of(workspace: &str) -> GetDeliveriesRequest {
    GetDeliveriesRequest {
        connection_id: connection(workspace).to_string(),
    }
}

impl House {
    /// What is told of the own app, once `what` is true of it.
    async fn told(&self, what: fn(&Deliveries) -> bool) -> Deliveries {
        eventually_some("it is told", async || {
            let told = self.edge().get_deliveries(of(OWN_WORKSPACE)).await;
            told.ok().map(tonic::Response::into_inner).filter(what)
        })
        .await
    }

    async fn own_post(&self, secret: &str, body: &[u8]) -> u16 {
        self.post_signed(&own_path(), secret, body).await.status
    }
}

#[tokio::test]
async fn how_notifications_arrive_is_told() {
    let house = House::open().await;
    let old = WebhookKey {
        is_previous: true,
        ..key("old-secret")
    };
    let own = connection(OWN_WORKSPACE).to_string();
    house
        .vault
        .known()
        .keys
        .get_mut(&own)
        .unwrap()
        .keys
        .push(old);
    let untouched = house
        .edge()
        .get_deliveries(of(OWN_WORKSPACE))
        .await
        .unwrap()
        .into_inner();
    assert!(
        untouched.endpoint_url.ends_with(&own_path()),
        "{}",
        untouched.endpoint_url
    );
    assert!(untouched.hours.is_empty() && untouched.last_heard_at.is_none());

    let began = house.clock.now();
    for id in ["notif_1", "notif_2"] {
        assert_eq!(
            house
                .own_post(OWN_SECRET, &notification(OWN_WORKSPACE, id))
                .await,
            200
        );
    }
    house.clock.advance(TimeDelta::seconds(10));
    let ping = notification_of(OWN_WORKSPACE, "ping", &Value::Null);
    assert_eq!(house.own_post("old-secret", &ping).await, 200);
    house.clock.advance(TimeDelta::hours(1));
    assert_eq!(house.own_post("wrong", &ping).await, 401);

    let told = house.told(|told| told.last_failure_at.is_some()).await;
    assert_eq!(told.last_delivery_at, Some(timestamp(began)));
    assert_eq!(
        told.last_heard_at,
        Some(timestamp(began + TimeDelta::seconds(10)))
    );
    assert_eq!(told.old_secret_last_used_at, told.last_heard_at);
    assert_eq!(told.last_failure_at, Some(timestamp(house.clock.now())));
    assert_eq!(told.last_failure_reason(), RefusalReason::Signature);
    let hours: Vec<_> = told
        .hours
        .iter()
        .map(|hour| (hour.streamed, hour.pings, hour.refused))
        .collect();
    assert_eq!(hours, [(2, 1, 0), (0, 0, 1)]);

    house.clock.advance(TimeDelta::hours(24));
    let told = house.told(|_| true).await;
    assert!(told.hours.len() < 2 && told.last_delivery_at.is_some());
    house.close().await;
}

#[tokio::test]
async fn the_last_refusal_is_told_with_its_reason() {
    let house = House::open_real().await;
    let malformed = b"{\"app_id\":\"wsk2\"}";
    assert_eq!(house.own_post(OWN_SECRET, malformed).await, 400);
    house
        .told(|told| told.last_failure_reason() == RefusalReason::Malformed)
        .await;
    house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(
        house.own_post(OWN_SECRET, &vec![b' '; (1 << 20) + 1]).await,
        413
    );
    house
        .told(|told| told.last_failure_reason() == RefusalReason::TooLarge)
        .await;
    house.clock.advance(TimeDelta::seconds(1));
    house.bus_link.cut();
    house.database_link.cut();
    assert_eq!(
        house
            .own_post(OWN_SECRET, &notification(OWN_WORKSPACE, "notif_1"))
            .await,
        503
    );
    house.database_link.mend().await;
    house
        .told(|told| told.last_failure_reason() == RefusalReason::NotKept)
        .await;
    house.clock.advance(TimeDelta::seconds(60));
    let own = connection(OWN_WORKSPACE).to_string();
    house.vault.known().keys.get_mut(&own).unwrap().keys.clear();
    assert_eq!(house.own_post(OWN_SECRET, malformed).await, 401);
    let told = house
        .told(|told| told.last_failure_reason() == RefusalReason::NoSecret)
        .await;
    assert_eq!(told.hours[0].refused, 4);
    house.bus_link.mend().await;
    house.close().await;
}

#[tokio::test]
async fn counts_wait_for_postgres() {
    let house = House::open().await;
    house
        .own_post(OWN_SECRET, &notification(OWN_WORKSPACE, "notif_1"))
        .await;
    house
        .told(|told| told.hours.iter().any(|hour| hour.streamed == 1))
        .await;
    house.database_link.cut();
    for id in ["notif_2", "notif_3"] {
        assert_eq!(
            house
                .own_post(OWN_SECRET, &notification(OWN_WORKSPACE, id))
                .await,
            200
        );
    }
    house.database_link.mend().await;
    eventually("they are counted", async || {
        house
            .count("SELECT coalesce(sum(streamed), 0)::bigint FROM ingress.delivery_hours")
            .await
            == 3
    })
    .await;
    house.close().await;
}

#[tokio::test]
async fn another_organizations_connections_are_not_found() {
    let house = House::open().await;
    house.post(&notification(WORKSPACE, "notif_1")).await;
    eventually("it is counted", async || {
        house
            .count("SELECT count(*) FROM ingress.delivery_marks")
            .await
            == 1
    })
    .await;
    let other = harken_domain::OrganizationId::derive(&[b"other"]);
    let refused = house
        .edge_of(other)
        .get_deliveries(of(WORKSPACE))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let refused = house
        .edge()
        .get_deliveries(of("never there"))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let nonsense = GetDeliveriesRequest {
        connection_id: "x".to_owned(),
    };
    let refused = house.edge().get_deliveries(nonsense).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let status = house
        .edge_for("scoring")
        .get_edge_status(GetEdgeStatusRequest {})
        .await;
    assert_eq!(status.unwrap_err().code(), Code::PermissionDenied);
    house.close().await;
}

#[tokio::test]
async fn a_connection_that_was_made_for_a_drill_is_forgotten() {
    let house = House::open().await;
    house
        .own_post(OWN_SECRET, &notification(OWN_WORKSPACE, "notif_1"))
        .await;
    house
        .own_post(OWN_SECRET, &notification(WORKSPACE, "notif_2"))
        .await;
    house.told(|told| told.last_delivery_at.is_some()).await;
    let closed = ConnectionClosed {
        connection_id: connection(OWN_WORKSPACE).to_string(),
        organization_id: organization().to_string(),
        is_synthetic: true,
        ..ConnectionClosed::default()
    };
    house
        .publish(harken_bus::Outgoing::of("closed", &closed).unwrap())
        .await;
    assert_eq!(ConnectionClosed::TYPE, "connection.v1.closed");
    eventually("nothing of it stays", async || {
        house
            .count(
                "SELECT (SELECT count(*) FROM ingress.delivery_marks) + (SELECT count(*) FROM ingress.quarantine)
                      + (SELECT count(*) FROM ingress.delivery_hours)",
            )
            .await
            == 0
    })
    .await;
    house.close().await;
}

#[tokio::test]
async fn answers_tell_nothing_of_what_was_sent() {
    let house = House::open().await;
    let path = "/api/v1/webhooks/intercom/canary";
    let reply = client::post(
        house.address,
        path,
        &[("X-Hub-Signature", "canary")],
        b"canary",
    )
    .await;
    let answer = format!("{}{}", reply.head, String::from_utf8_lossy(&reply.body));
    assert!(!answer.contains("canary"), "{answer}");
    let body = br#"{"app_id":"canary canary","topic":"x"}"#;
    let reply = house.post(body).await;
    assert_eq!(reply.problem()["field"], "app_id");
    assert!(!String::from_utf8_lossy(&reply.body).contains("canary"));
    house.close().await;
}
