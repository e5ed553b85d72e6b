//! A connection whose every trace is to go.

use std::collections::BTreeMap;

use harken_bus::WatchFrom;
use harken_contracts::{subjects, wire::events::v1::ConnectionErased};
use harken_domain::ConnectionId;
use harken_testkit::eventually;

use super::notifications::{contact, told};
use crate::harness::{House, story};

/// Tables whose rows stay: the tombstone, and what rails keep to be right.
const KEPT: [&str; 3] = ["connections", "erasures", "erased_counts"];

/// Rows of a connection in every table that has a column for it, and of runs.
async fn rows(house: &House, connection: ConnectionId) -> BTreeMap<String, u64> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT table_name::text FROM information_schema.columns
         WHERE table_schema = 'sync' AND column_name = 'connection_id'",
    )
    .fetch_all(&house.pool)
    .await
    .unwrap();
    let mut rows = BTreeMap::new();
    let own = tables
        .into_iter()
        .filter(|table| !KEPT.contains(&table.as_str()))
        .map(|table| (table, "connection_id = $1"));
    let of_runs = "run_id IN (SELECT run_id FROM sync.runs WHERE connection_id = $1)";
    let runs = ["run_log", "gaps"].map(|table| (table.to_owned(), of_runs));
    for (table, condition) in own.chain(runs) {
        let query = format!("SELECT count(*) FROM sync.{table} WHERE {condition}");
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(connection.as_uuid())
            .fetch_one(&house.pool)
            .await
            .unwrap();
        rows.insert(format!("sync.{table}"), count.unsigned_abs());
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_leaves_nothing_and_its_receipt_adds_up_to_what_was_there() {
    let house = House::open(story(120, 60)).await;
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    eventually("the outbox is empty", async || {
        rows(&house, house.connection).await["sync.outbox"] == 0
    })
    .await;
    house.close_connection("Ann disconnected it", 2).await;
    eventually("it is closed", async || {
        let state: String = sqlx::query_scalar("SELECT state FROM sync.connections")
            .fetch_one(&house.pool)
            .await
            .unwrap();
        state == "closed"
    })
    .await;
    let before = rows(&house, house.connection).await;
    assert!(before["sync.parts"] > 100, "{before:?}");
    let news = house
        .bus
        .watch(vec![subjects::all_erasures()], WatchFrom::Beginning)
        .await
        .unwrap();
    house.purge_one(house.connection, 3).await;
    let receipt = receipt(news).await;
    assert_eq!((receipt.service.as_str(), receipt.revision), ("sync", 3));
    let erased: BTreeMap<String, u64> = receipt
        .erased
        .into_iter()
        .map(|one| (one.place, one.count))
        .collect();
    assert_eq!(erased, before);
    // What comes late finds it so.
    house
        .tell(&[told(
            "1",
            "contact.user.created",
            900,
            &contact("late", Some("late@example.com"), "Late", 900),
        )])
        .await;
    eventually("the late one is taken", async || {
        let taken: i64 =
            sqlx::query_scalar("SELECT count(*) FROM sync.inbox WHERE consumer = 'sync-webhooks'")
                .fetch_one(&house.pool)
                .await
                .unwrap();
        taken == 1
    })
    .await;
    let left = rows(&house, house.connection).await;
    assert!(left.values().all(|count| *count == 0), "{left:?}");
    assert!(!house.dump().await.contains("late@example.com"));
    process.stop().await;
}

async fn receipt(news: impl futures::Stream<Item = harken_bus::Delivery>) -> ConnectionErased {
    use futures::StreamExt as _;
    let mut news = std::pin::pin!(news);
    let next = tokio::time::timeout(std::time::Duration::from_secs(30), news.next());
    next.await.unwrap().unwrap().decode().unwrap()
}
