use std::time::Duration;

use harken_testkit::eventually;
use serde_json::json;

use super::{assert_complete, imported};
use crate::harness::{House, story};

/// No list of Intercom's tells of contacts that were deleted; a full run finds them by what is not listed any more.
#[tokio::test(flavor = "multi_thread")]
async fn contacts_that_are_gone_are_buried_by_the_next_full_run() {
    let (house, process) = imported(80, 40).await;
    let truth = house.truth().await;
    let gone: Vec<String> = truth.contacts.keys().take(3).cloned().collect();
    for contact in &gone {
        let delete = format!("story/demo/contacts/{contact}/delete");
        house.order(&delete, json!({})).await;
    }
    let run = house.run_again(&process).await;
    assert_complete(&run);
    let held = "SELECT count(*) FROM sync.contacts WHERE connection_id = $1";
    let listed = house.truth().await.contacts.len();
    assert_eq!(
        house.count(held, house.connection).await,
        i64::try_from(listed).unwrap()
    );
    let buried =
        "SELECT count(*) FROM sync.tombstones WHERE connection_id = $1 AND kind = 'contact'";
    assert_eq!(house.count(buried, house.connection).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_or_goes_behind_the_back_of_a_full_run_is_made_up_for() {
    let slowly = harken_simulator::Config {
        latency_ms: 10,
        ..story(300, 300)
    };
    let house = House::open(slowly).await.with("HARKEN_SYNC_IN_FLIGHT", "2");
    let truth = house.truth().await;
    let process = house.start().await;
    house.connect().await;
    let listed = "SELECT count(*) FROM sync.contacts WHERE connection_id = $1";
    let all = i64::try_from(truth.contacts.len()).unwrap();
    eventually("contacts have been listed", async || {
        house.count(listed, house.connection).await == all
    })
    .await;
    let mut contacts = truth.contacts.keys();
    for contact in contacts.by_ref().take(5) {
        house.rename(contact, "Another name").await;
    }
    for contact in contacts.take(2) {
        let delete = format!("story/demo/contacts/{contact}/delete");
        house.order(&delete, json!({})).await;
    }
    for conversation in truth.conversations.keys().take(2) {
        let delete = format!("story/demo/conversations/{conversation}/delete");
        house.order(&delete, json!({})).await;
    }
    let run = house.ended_within(&process, Duration::from_mins(1)).await;
    assert_complete(&run);
    let names =
        "SELECT count(*) FROM sync.contacts WHERE connection_id = $1 AND name = 'Another name'";
    assert!(house.count(names, house.connection).await >= 1);
    assert_eq!(house.count(listed, house.connection).await, all - 2);
    house
        .truth()
        .await
        .assert_conversations_mirrored(&house)
        .await;
}
