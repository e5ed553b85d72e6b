use chrono::TimeDelta;
use harken_contracts::wire::types::v1::DataPolicy;
use harken_testkit::eventually;

use crate::harness::{
    House, OWN_SECRET, OWN_WORKSPACE, WORKSPACE, connection, notification, own_path,
};
use crate::vault::route;

const QUARANTINED: &str = "SELECT count(*) FROM ingress.quarantine";

impl House {
    async fn quarantine(&self, workspace: &str, id: &str) {
        let reply = self.post(&notification(workspace, id)).await;
        assert_eq!((reply.status, reply.stored()), (200, Some("quarantine")));
    }

    /// Time moves on, so that an answer of the vault that there is nobody is asked for again.
    async fn is_empty(&self) -> bool {
        self.clock.advance(TimeDelta::seconds(5));
        self.count(QUARANTINED).await == 0
    }
}

#[tokio::test]
async fn what_is_nobodys_waits_without_content_and_is_released_to_its_owner() {
    let house = House::open().await;
    for id in ["notif_1", "notif_2", "notif_2"] {
        house.quarantine("stranger", id).await;
    }
    let kept: Vec<Vec<u8>> = sqlx::query_scalar("SELECT skeleton FROM ingress.quarantine")
        .fetch_all(&mut house.owner().await)
        .await
        .unwrap();
    assert_eq!(kept.len(), 2);
    let dump = kept.concat();
    assert!(!String::from_utf8_lossy(&dump).contains("canary"));

    let owner = connection("stranger");
    let route = route(owner, "stranger", DataPolicy::Full);
    house
        .vault
        .known()
        .routes
        .insert("stranger".to_owned(), route);
    let received = house.clock.now();
    eventually("it is released", async || house.is_empty().await).await;
    let mut ids: Vec<String> = Vec::new();
    for (delivery, event) in house.streamed(2).await {
        assert_eq!(delivery.connection, owner);
        assert!(event.ids_only);
        assert_eq!(event.topic, "conversation.user.replied");
        assert_eq!(event.received_at.unwrap().seconds, received.timestamp());
        ids.push(delivery.message_id);
    }
    ids.sort();
    assert_eq!(ids, ["stranger:notif_1", "stranger:notif_2"]);
    house.close().await;
}

#[tokio::test]
async fn nobodys_people_are_named_by_no_id() {
    let house = House::open().await;
    let body = serde_json::json!({"type": "notification_event", "app_id": "stranger", "topic": "contact.deleted",
        "id": "notif_1", "data": {"item": {"type": "contact", "id": "5ba682d2", "external_id": "canary"}}});
    let reply = house.post(body.to_string().as_bytes()).await;
    assert_eq!(reply.stored(), Some("quarantine"));
    let kept: Vec<u8> = sqlx::query_scalar("SELECT skeleton FROM ingress.quarantine")
        .fetch_one(&mut house.owner().await)
        .await
        .unwrap();
    let kept = String::from_utf8(kept).unwrap();
    assert!(
        kept.contains("contact.deleted") && !kept.contains("5ba682d2"),
        "{kept}"
    );
    house.close().await;
}

#[tokio::test]
async fn another_workspace_than_the_addresss_is_nobodys() {
    let house = House::open().await;
    let body = notification(WORKSPACE, "notif_1");
    let reply = house.post_signed(&own_path(), OWN_SECRET, &body).await;
    assert_eq!(reply.stored(), Some("quarantine"));
    // However well the deployment knows it, it did not come by the deployment's address.
    let own = connection(OWN_WORKSPACE);
    house.clock.advance(TimeDelta::seconds(60));
    house.quarantine("stranger", "notif_2").await;
    assert_eq!(house.count(QUARANTINED).await, 2);
    assert_eq!(house.in_stream().await, 0);
    let owner = route(own, WORKSPACE, DataPolicy::Full);
    house
        .vault
        .known()
        .keys
        .get_mut(&own.to_string())
        .unwrap()
        .route = Some(owner);
    eventually("it is released", async || {
        house.clock.advance(TimeDelta::seconds(60));
        house.count(QUARANTINED).await == 1
    })
    .await;
    assert_eq!(house.streamed(1).await[0].0.connection, own);
    house.close().await;
}

#[tokio::test]
async fn with_the_vault_away_what_cannot_be_told_waits() {
    let house = House::open().await;
    house.post(&notification(WORKSPACE, "notif_0")).await;
    house.vault.known().is_away = true;
    house.quarantine("wsk3", "notif_1").await;
    house.vault.known().is_away = false;
    eventually("it is released", async || house.is_empty().await).await;
    assert_eq!(house.streamed(2).await[1].0.message_id, "wsk3:notif_1");
    house.close().await;
}

#[tokio::test]
async fn what_nobody_claims_in_a_week_is_dropped() {
    let house = House::open().await;
    house.quarantine("stranger", "notif_1").await;
    house
        .clock
        .advance(TimeDelta::days(7) - TimeDelta::seconds(60));
    house.quarantine("stranger", "notif_2").await;
    house.clock.advance(TimeDelta::seconds(61));
    eventually("the first is dropped", async || {
        house.count(QUARANTINED).await == 1
    })
    .await;
    house.clock.advance(TimeDelta::days(7));
    eventually("both are dropped", async || {
        house.count(QUARANTINED).await == 0
    })
    .await;
    assert_eq!(house.in_stream().await, 0);
    house.close().await;
}
