use std::time::Duration;

use harken_contracts::wire::sync::v1::RunState;
use harken_testkit::eventually;
use serde_json::json;

use crate::harness::{House, story};

#[tokio::test(flavor = "multi_thread")]
async fn conversations_that_change_while_they_are_read_are_caught() {
    let slowly = harken_simulator::Config {
        latency_ms: 10,
        ..story(300, 600)
    };
    let house = House::open(slowly).await.with("HARKEN_SYNC_IN_FLIGHT", "4");
    let truth = house.truth().await;
    // Spread over the window: some are read before they change, some after, some never in their old place.
    let ids: Vec<&String> = truth.conversations.keys().collect();
    let chosen: Vec<String> = ids
        .iter()
        .step_by(ids.len() / 30)
        .map(|id| (*id).clone())
        .collect();
    let process = house.start().await;
    house.connect().await;
    eventually("conversations are read", async || {
        house
            .vault
            .asked()
            .iter()
            .any(|path| path == "/conversations/search")
    })
    .await;
    for id in &chosen {
        let reply = json!({"what": "customer_reply", "text": "Is anybody there?"});
        house
            .order(&format!("story/demo/conversations/{id}"), reply)
            .await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let run = house.ended(&process).await;
    assert_eq!(run.state(), RunState::CompleteWithGaps, "{}", run.reason);
    let truth = house.truth().await;
    let stale: Vec<(String, i64, i64)> = mirrored_updated_at(&house)
        .await
        .into_iter()
        .filter_map(|(id, mirrored)| {
            let updated = truth.conversations.get(&id)?.updated_at();
            (updated != mirrored).then_some((id, mirrored, updated))
        })
        .collect();
    assert!(stale.is_empty(), "{stale:?}");
    let held = mirrored_updated_at(&house).await.len();
    assert_eq!(held, truth.conversations.len());
}

async fn mirrored_updated_at(house: &House) -> Vec<(String, i64)> {
    sqlx::query_as(
        "SELECT external_id, extract(epoch FROM updated_at)::bigint FROM sync.conversations",
    )
    .fetch_all(&house.pool)
    .await
    .unwrap()
}
