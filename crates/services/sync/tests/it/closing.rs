use harken_contracts::wire::{
    sync::v1::{RunState, StartRunRequest},
    types::v1::DataPolicy,
};
use harken_runtime::status;
use harken_testkit::{eventually, eventually_some};
use tonic::Code;

use crate::harness::{House, is_end, story};

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_closes_stops_its_run() {
    let slowly = harken_simulator::Config {
        latency_ms: 20,
        ..story(600, 600)
    };
    let house = House::open(slowly).await;
    let process = house.start().await;
    house.connect().await;
    eventually("the run reads", async || house.vault.calls() > 20).await;
    house.close_connection("Ann disconnected it", 2).await;
    let run = house.ended(&process).await;
    assert_eq!(run.state(), RunState::Failed);
    assert!(run.reason.contains("Ann disconnected it"), "{}", run.reason);
    // Nobody goes on reading.
    eventually("the worker stops", async || {
        let before = house.vault.calls();
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        house.vault.calls() == before
    })
    .await;
    let request = StartRunRequest {
        connection_id: house.connection.to_string(),
        kind: 0,
    };
    let refused = house.runs(&process).start_run(request).await.unwrap_err();
    assert_eq!(
        status::reason_of(&refused).as_deref(),
        Some("CONNECTION_CLOSED")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closing_that_overtakes_its_opening_wins() {
    let house = House::open(story(10, 10)).await;
    house.close_connection("gone", 2).await;
    house.open_connection(DataPolicy::Full, 1).await;
    let process = house.start().await;
    let state: String = eventually_some("the connection is known", async || {
        sqlx::query_scalar("SELECT state FROM sync.connections")
            .fetch_optional(&house.pool)
            .await
            .unwrap()
    })
    .await;
    assert_eq!(state, "closed");
    eventually("both messages had their effect", async || {
        let claimed: i64 = sqlx::query_scalar("SELECT count(*) FROM sync.inbox")
            .fetch_one(&house.pool)
            .await
            .unwrap();
        claimed == 2
    })
    .await;
    assert!(house.latest_run(&process).await.is_none());
    assert_eq!(house.vault.calls(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_of_pseudonyms_nothing_is_read() {
    let house = House::open(story(10, 10)).await;
    house.vault.forget_pseudonym_key();
    let process = house.start().await;
    house.open_connection(DataPolicy::MetadataOnly, 1).await;
    let run = house.ended(&process).await;
    assert_eq!(run.state(), RunState::Failed);
    assert!(run.reason.contains("is gone"), "{}", run.reason);
    let again = house.run_again(&process).await;
    assert!(is_end(again.state()));
    assert_eq!(house.vault.calls(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_connection_is_not_found() {
    let house = House::open(story(10, 10)).await;
    let process = house.start().await;
    let request = StartRunRequest {
        connection_id: house.connection.to_string(),
        kind: 0,
    };
    let refused = house.runs(&process).start_run(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_token_goes_on_and_a_reconnection_reads_everything_again() {
    let house = House::open(story(10, 5)).await;
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    let runs = async || -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM sync.runs")
            .fetch_one(&house.pool)
            .await
            .unwrap()
    };
    let revision = async || -> i64 {
        sqlx::query_scalar("SELECT revision FROM sync.connections")
            .fetch_one(&house.pool)
            .await
            .unwrap()
    };
    let before = runs().await;
    house.open_connection(DataPolicy::Full, 2).await;
    eventually("the new token is known", async || revision().await == 2).await;
    assert_eq!(runs().await, before);
    house.close_connection("the token died", 3).await;
    house.open_connection(DataPolicy::Full, 4).await;
    eventually("it reads again", async || runs().await == before + 1).await;
    process.stop().await;
}
