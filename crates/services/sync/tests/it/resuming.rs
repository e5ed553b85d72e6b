use std::time::Duration;

use harken_contracts::wire::sync::v1::RunState;
use harken_testkit::eventually;
use tokio::time::sleep;

use crate::harness::{House, Process, count, is_end, story};

/// Moments that differ from kill to kill and from test to test, and are the same at every execution.
fn moments(seed: u64) -> impl Iterator<Item = Duration> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        Duration::from_millis(20 + (state >> 33) % 400)
    })
}

async fn is_over(house: &House, process: &Process) -> bool {
    house
        .latest_run(process)
        .await
        .is_some_and(|run| is_end(run.state()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_twenty_times_ends_with_the_whole_truth() {
    // Slow enough that twenty moments lie within it.
    let slowly = harken_simulator::Config {
        latency_ms: 15,
        ..story(1500, 1200)
    };
    let house = House::open(slowly).await.with("HARKEN_SYNC_IN_FLIGHT", "8");
    house.connect().await;
    let mut kills = 0;
    for moment in moments(7).take(20) {
        let process = house.start().await;
        sleep(moment).await;
        if is_over(&house, &process).await {
            break;
        }
        process.kill();
        kills += 1;
    }
    assert!(
        kills >= 10,
        "the run was over after {kills} kills: it proves too little"
    );
    let process = house.start().await;
    let run = house.ended_within(&process, Duration::from_mins(2)).await;
    assert_eq!(run.state(), RunState::CompleteWithGaps, "{}", run.reason);
    let truth = house.truth().await;
    truth.assert_mirrored(&house).await;
    let contacts = count(&run, "contacts");
    assert_eq!(contacts.seen, truth.contacts.len() as u64);
    assert_eq!(contacts.written, truth.customers() as u64);
    let conversations = count(&run, "conversations");
    assert_eq!(conversations.written, truth.conversations.len() as u64);
    assert_eq!(conversations.skipped, truth.strangers.len() as u64);
    let companies = count(&run, "companies");
    assert_eq!(companies.seen, companies.written);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_gracefully_goes_on_at_once() {
    let slowly = harken_simulator::Config {
        latency_ms: 10,
        ..story(600, 500)
    };
    let house = House::open(slowly)
        .await
        .with("HARKEN_SYNC_IN_FLIGHT", "2")
        .with("HARKEN_SYNC_LEASE_SECS", "60");
    house.connect().await;
    let process = house.start().await;
    // A scroll that was left open would have to be waited for.
    let companies_read = "SELECT count(*) FROM sync.run_log JOIN sync.runs USING (run_id)
         WHERE connection_id = $1 AND message LIKE 'Companies read%'";
    eventually("the companies are read", async || {
        house.count(companies_read, house.connection).await == 1
    })
    .await;
    process.stop().await;
    let running = "SELECT count(*) FROM sync.runs WHERE connection_id = $1 AND state = 'running'";
    assert_eq!(house.count(running, house.connection).await, 1);
    // Its lease would hold for a minute; it was given back.
    let process = house.start().await;
    let run = house.ended(&process).await;
    assert_eq!(run.state(), RunState::CompleteWithGaps, "{}", run.reason);
    house.truth().await.assert_mirrored(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_do_not_do_the_same_run() {
    let house = House::open(story(300, 300)).await;
    let (one, _another) = (house.start().await, house.start().await);
    house.connect().await;
    let run = house.ended(&one).await;
    assert_eq!(run.requests, house.vault.calls());
    house.truth().await.assert_mirrored(&house).await;
}
