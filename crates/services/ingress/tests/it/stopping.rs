use std::time::Duration;

use crate::client::{Client, request, signature};
use crate::harness::{House, PATH, SECRET, WORKSPACE, notification};

#[tokio::test]
async fn what_was_begun_is_answered_before_the_edge_stops() {
    let house = House::open().await;
    let body = notification(WORKSPACE, "notif_1");
    let signature = signature(SECRET, &body);
    let whole = request("POST", PATH, &[("X-Hub-Signature", &signature)], &body);
    let (first, second) = whole.split_at(whole.len() - 10);
    let mut begun = Client::connect(house.address).await;
    begun.send(first).await;
    // Its head is taken once the next connection is answered.
    assert_eq!(
        house.post(&notification(WORKSPACE, "notif_2")).await.status,
        200
    );
    let mut idle = Client::connect(house.address).await;
    idle.send(&request("HEAD", PATH, &[], b"")).await;
    assert_eq!(idle.reply().await.unwrap().status, 200);
    house.stop();
    assert!(idle.ends().await);
    begun.send(second).await;
    assert_eq!(begun.reply().await.unwrap().stored(), Some("stream"));
    assert_eq!(house.in_stream().await, 2);
    house.close().await;
}

#[tokio::test]
async fn it_lingers_where_others_may_still_send_it_notifications() {
    let house = House::open_with(|config| harken_ingress::Config {
        linger: Duration::from_secs(2),
        ..config
    });
    let house = Box::pin(house).await;
    house.stop();
    let reply = house.post(&notification(WORKSPACE, "notif_1")).await;
    assert_eq!(reply.stored(), Some("stream"));
    house.close().await;
}

#[tokio::test]
async fn what_was_counted_is_written_at_the_end() {
    let house = House::open().await;
    assert_eq!(
        house.post(&notification(WORKSPACE, "notif_1")).await.status,
        200
    );
    house.stop();
    harken_testkit::eventually("it is written", async || {
        house
            .count("SELECT coalesce(sum(streamed), 0)::bigint FROM ingress.delivery_hours")
            .await
            == 1
    })
    .await;
    house.close().await;
}
