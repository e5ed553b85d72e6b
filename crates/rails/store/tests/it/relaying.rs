use std::pin::pin;

use futures::StreamExt as _;
use harken_bus::WatchFrom;
use harken_contracts::subjects;
use harken_domain::Secret;
use harken_store::{Store, StoreConfig};
use harken_testkit::{Database, Link, TestBus, eventually, nats_url};

use crate::house::{Running, name_in, post, tally, waiting};

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("c{number}")).collect()
}

#[tokio::test]
async fn events_go_out_after_commit_in_the_order_they_were_posted() {
    let (database, bus) = (Database::create(tally()).await, TestBus::open().await);
    let store = database.store().await;
    let running = Running::new();
    running.relay(&store, &bus);
    let watched = bus
        .watch(vec![subjects::all_records()], WatchFrom::Beginning)
        .await
        .unwrap();
    for chunk in names(300).chunks(30) {
        post(&store, chunk).await;
    }
    let seen: Vec<_> = pin!(watched)
        .take(300)
        .map(|delivery| name_in(&delivery))
        .collect()
        .await;
    assert_eq!(seen, names(300));
    eventually("the outbox is empty at rest", async || {
        waiting(&store).await == 0
    })
    .await;
    running.stop().await;
}

#[tokio::test]
async fn a_commit_wakes_the_relay() {
    let (database, bus) = (Database::create(tally()).await, TestBus::open().await);
    let store = database.store().await;
    let heard = sqlx::postgres::PgListener::connect(database.url().expose()).await;
    let mut heard = heard.unwrap();
    heard.listen("tally_outbox").await.unwrap();
    post(&store, &names(1)).await;
    assert_eq!(heard.recv().await.unwrap().channel(), "tally_outbox");
    drop(bus);
}

#[tokio::test]
async fn while_the_bus_is_away_the_outbox_fills_and_then_drains() {
    let (link, url) = Link::to(&nats_url()).await;
    let (database, bus) = (Database::create(tally()).await, TestBus::open_at(url).await);
    let store = database.store().await;
    let running = Running::new();
    running.relay(&store, &bus);
    post(&store, &names(1)).await;
    eventually("the first is out", async || waiting(&store).await == 0).await;

    link.cut();
    eventually("the bus is away", async || bus.ping().await.is_err()).await;
    post(&store, &names(200)).await;
    assert_eq!(waiting(&store).await, 200);
    link.mend().await;

    eventually("the outbox drains", async || waiting(&store).await == 0).await;
    let straight = bus.elsewhere(nats_url()).await;
    let all = straight
        .watch(vec![subjects::all_records()], WatchFrom::Beginning)
        .await
        .unwrap();
    let seen: Vec<_> = pin!(all)
        .take(201)
        .map(|delivery| delivery.message_id)
        .collect()
        .await;
    let distinct: std::collections::HashSet<_> = seen.iter().collect();
    assert_eq!(distinct.len(), 201, "each is stored once");
    running.stop().await;
}

#[tokio::test]
async fn the_relay_goes_on_when_postgres_comes_back() {
    let (database, bus) = (Database::create(tally()).await, TestBus::open().await);
    let (link, url) = Link::to(database.url().expose()).await;
    let config = StoreConfig {
        database_url: Secret::new(url),
        schema: "tally",
        max_connections: 4,
    };
    let store = Store::connect(config).await.unwrap();
    let running = Running::new();
    running.relay(&store, &bus);

    link.cut();
    eventually("Postgres is away", async || store.ping().await.is_err()).await;
    let straight = database.store().await;
    post(&straight, &names(10)).await;
    link.mend().await;
    eventually("the outbox drains", async || waiting(&straight).await == 0).await;
    running.stop().await;
}
