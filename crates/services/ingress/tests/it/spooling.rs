use std::collections::BTreeSet;

use harken_testkit::eventually;

use crate::harness::{House, OWN_SECRET, OWN_WORKSPACE, WORKSPACE, notification, own_path};

const SPOOLED: &str = "SELECT count(*) FROM ingress.spool";

fn names(from: usize, to: usize) -> impl Iterator<Item = String> {
    (from..to).map(|number| format!("notif_{number}"))
}

async fn streamed(house: &House, count: usize) -> BTreeSet<String> {
    let messages = house.streamed(count).await;
    messages
        .into_iter()
        .map(|(delivery, _)| delivery.message_id)
        .collect()
}

#[tokio::test]
async fn with_the_bus_away_the_spool_keeps_and_drains_by_itself() {
    let house = House::open_impatient().await;
    house.bus_link.cut();
    for name in names(0, 12) {
        let reply = house.post(&notification(WORKSPACE, &name)).await;
        assert_eq!((reply.status, reply.stored()), (200, Some("spool")));
    }
    assert_eq!(house.count(SPOOLED).await, 12);
    let mut operator = house.edge_for("operator");
    let status =
        operator.get_edge_status(harken_contracts::wire::ingress::v1::GetEdgeStatusRequest {});
    let status = status.await.unwrap().into_inner();
    assert!(status.spool_first && status.spooled == 12, "{status:?}");

    house.bus_link.mend().await;
    let expected: BTreeSet<String> = names(0, 12).map(|name| format!("wsk1:{name}")).collect();
    assert_eq!(streamed(&house, 12).await, expected);
    eventually("the spool is empty", async || {
        house.count(SPOOLED).await == 0
    })
    .await;
    eventually("notifications go to the bus again", async || {
        let reply = house.post(&notification(WORKSPACE, "notif_again")).await;
        reply.stored() == Some("stream")
    })
    .await;
    assert_eq!(house.in_stream().await, 13);
    house.close().await;
}

#[tokio::test]
async fn a_bus_that_hangs_is_not_waited_for() {
    let house = House::open_impatient().await;
    assert_eq!(
        house
            .post(&notification(WORKSPACE, "notif_0"))
            .await
            .stored(),
        Some("stream")
    );
    house.bus_link.hold();
    for name in names(1, 6) {
        let reply = house.post(&notification(WORKSPACE, &name)).await;
        assert_eq!(reply.stored(), Some("spool"));
    }
    house.bus_link.release();
    // What the bus was sent while it hung and what comes out of the spool bear the same ids.
    assert_eq!(streamed(&house, 6).await.len(), 6);
    eventually("the spool is empty", async || {
        house.count(SPOOLED).await == 0
    })
    .await;
    assert_eq!(house.in_stream().await, 6);
    house.close().await;
}

#[tokio::test]
async fn with_postgres_away_the_bus_keeps() {
    let house = House::open().await;
    house.database_link.cut();
    for name in names(0, 3) {
        assert_eq!(
            house.post(&notification(WORKSPACE, &name)).await.stored(),
            Some("stream")
        );
    }
    house.database_link.mend().await;
    assert_eq!(house.in_stream().await, 3);
    house.close().await;
}

#[tokio::test]
async fn with_both_away_nothing_is_promised_and_nothing_is_kept() {
    let house = House::open_real().await;
    house.bus_link.cut();
    house.database_link.cut();
    for name in names(0, 6) {
        let reply = house.post(&notification(WORKSPACE, &name)).await;
        assert_eq!((reply.status, reply.stored()), (503, None), "{name}");
        assert_eq!(reply.header("retry-after"), Some("60"));
        assert_eq!(reply.problem()["reason"], "UNAVAILABLE");
    }
    assert_eq!(house.count(SPOOLED).await, 0);
    house.database_link.mend().await;
    eventually("the spool keeps again", async || {
        let body = notification(OWN_WORKSPACE, "notif_7");
        let reply = house.post_signed(&own_path(), OWN_SECRET, &body).await;
        reply.stored() == Some("spool")
    })
    .await;
    house.bus_link.mend().await;
    eventually("the spool is empty", async || {
        house.count(SPOOLED).await == 0
    })
    .await;
    house.close().await;
}

#[tokio::test]
async fn what_waits_together_is_written_together() {
    let house = House::open_impatient().await;
    house.bus_link.cut();
    let mut posts = tokio::task::JoinSet::new();
    for name in names(0, 100) {
        let (address, body) = (house.address, notification(WORKSPACE, &name));
        posts.spawn(async move {
            let signature = crate::client::signature(crate::harness::SECRET, &body);
            let headers = [("X-Hub-Signature", signature.as_str())];
            crate::client::post(address, crate::harness::PATH, &headers, &body).await
        });
    }
    while let Some(reply) = posts.join_next().await {
        assert_eq!(reply.unwrap().stored(), Some("spool"));
    }
    assert_eq!(house.count(SPOOLED).await, 100);
    let statements = house
        .count("SELECT count(DISTINCT xmin::text) FROM ingress.spool")
        .await;
    assert!(statements < 100, "{statements} statements");
    house.bus_link.mend().await;
    assert_eq!(streamed(&house, 100).await.len(), 100);
    house.close().await;
}

#[tokio::test]
async fn what_can_never_be_published_holds_up_nothing() {
    let house = House::open_impatient().await;
    sqlx::query(
        "INSERT INTO ingress.spool (message_id, connection_id, message, spooled_at)
                 SELECT 'wsk1:broken', gen_random_uuid(), bytes, now()
                 FROM unnest(ARRAY['\\xff'::bytea, ''::bytea, '\\x0a0178'::bytea]) AS bytes",
    )
    .execute(&mut house.owner().await)
    .await
    .unwrap();
    house.bus_link.cut();
    assert_eq!(
        house
            .post(&notification(WORKSPACE, "notif_1"))
            .await
            .stored(),
        Some("spool")
    );
    house.bus_link.mend().await;
    assert_eq!(streamed(&house, 1).await.len(), 1);
    eventually("the rest is set aside", async || {
        house
            .count("SELECT count(*) FROM ingress.spool WHERE set_aside_at IS NOT NULL")
            .await
            == 3
            && house.count(SPOOLED).await == 3
    })
    .await;
    house.close().await;
}
