use chrono::TimeDelta;
use harken_contracts::convert::timestamp;
use harken_contracts::wire::vault::v1::WebhookKey;

use crate::harness::{
    House, OWN_SECRET, OWN_WORKSPACE, SECRET, WORKSPACE, connection, notification, own_path,
};
use crate::vault::key;

impl House {
    fn set_own_keys(&self, keys: Vec<WebhookKey>) {
        let own = connection(OWN_WORKSPACE).to_string();
        self.vault.known().keys.get_mut(&own).unwrap().keys = keys;
    }

    async fn own(&self, secret: &str) -> u16 {
        let body = notification(OWN_WORKSPACE, "notif_1");
        self.post_signed(&own_path(), secret, &body).await.status
    }
}

#[tokio::test]
async fn a_replaced_secret_verifies_until_its_grace_ends() {
    let house = House::open().await;
    assert_eq!(house.own(OWN_SECRET).await, 200);
    let old = WebhookKey {
        is_previous: true,
        valid_until: Some(timestamp(house.clock.now() + TimeDelta::minutes(5))),
        ..key(OWN_SECRET)
    };
    house.set_own_keys(vec![key("new-secret"), old]);
    // The new one is taken at once, although the old set is still fresh.
    assert_eq!(house.own("new-secret").await, 200);
    assert_eq!(house.own(OWN_SECRET).await, 200);
    assert_eq!(house.own("another").await, 401);
    house.clock.advance(TimeDelta::minutes(4));
    assert_eq!(house.own(OWN_SECRET).await, 200);
    house.clock.advance(TimeDelta::minutes(1));
    assert_eq!(house.own(OWN_SECRET).await, 401);
    assert_eq!(house.own("new-secret").await, 200);
    house.close().await;
}

#[tokio::test]
async fn keys_are_asked_for_once_a_minute_and_failures_ask_every_ten_seconds() {
    let house = House::open().await;
    let asked = || house.vault.known().asked_for_keys;
    for _ in 0..5 {
        assert_eq!(house.own(OWN_SECRET).await, 200);
    }
    assert_eq!(asked(), 1);
    for _ in 0..5 {
        assert_eq!(house.own("wrong").await, 401);
    }
    assert_eq!(asked(), 2);
    house.clock.advance(TimeDelta::seconds(10));
    for _ in 0..5 {
        assert_eq!(house.own("wrong").await, 401);
    }
    assert_eq!(asked(), 3);
    house.clock.advance(TimeDelta::seconds(60));
    for _ in 0..5 {
        assert_eq!(house.own(OWN_SECRET).await, 200);
    }
    assert_eq!(asked(), 4);
    house.close().await;
}

#[tokio::test]
async fn with_the_vault_away_the_last_good_answer_serves_an_hour() {
    let house = House::open().await;
    assert_eq!(house.own(OWN_SECRET).await, 200);
    assert_eq!(
        house
            .post(&notification(WORKSPACE, "notif_1"))
            .await
            .stored(),
        Some("stream")
    );
    house.vault.known().is_away = true;
    for _ in 0..3 {
        house.clock.advance(TimeDelta::minutes(19));
        assert_eq!(house.own(OWN_SECRET).await, 200);
        assert_eq!(house.own("wrong").await, 401);
        let reply = house.post(&notification(WORKSPACE, "notif_2")).await;
        assert_eq!(reply.stored(), Some("stream"));
    }
    house.clock.advance(TimeDelta::minutes(4));
    assert_eq!(house.own(OWN_SECRET).await, 503);
    assert_eq!(house.own("wrong").await, 503);
    house.vault.known().is_away = false;
    house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(house.own(OWN_SECRET).await, 200);
    house.close().await;
}

#[tokio::test]
async fn without_keys_nothing_verifies() {
    let house = House::open().await;
    house.set_own_keys(Vec::new());
    for secret in [OWN_SECRET, SECRET] {
        assert_eq!(house.own(secret).await, 401);
    }
    house.set_own_keys(vec![key("")]);
    house.clock.advance(TimeDelta::seconds(60));
    assert_eq!(house.own(OWN_SECRET).await, 401);
    // A key of no bytes is no key: what anybody could sign is not taken.
    let body = notification(OWN_WORKSPACE, "notif_1");
    let anybodys = "sha1=0000000000000000000000000000000000000000";
    let (path, headers) = (own_path(), [("X-Hub-Signature", anybodys)]);
    let reply = crate::client::post(house.address, &path, &headers, &body).await;
    assert_eq!(reply.status, 401);
    house.close().await;
}

#[tokio::test]
async fn a_vault_that_was_never_reached_closes_the_door() {
    let house = House::open().await;
    house.vault.known().is_away = true;
    let reply = house.post(&notification(WORKSPACE, "notif_1")).await;
    assert_eq!(
        (reply.status, reply.header("retry-after")),
        (503, Some("60"))
    );
    house.vault.known().is_away = false;
    house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(
        house.post(&notification(WORKSPACE, "notif_1")).await.status,
        200
    );
    house.close().await;
}
