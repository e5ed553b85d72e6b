//! In which order a full run asks, and what it asks for.

use std::collections::BTreeSet;
use std::time::Duration;

use harken_contracts::wire::sync::v1::RunState;
use harken_testkit::eventually;
use serde_json::json;

use crate::harness::{House, count, story};

/// Ids of conversations that were fetched, in that order.
fn fetched(asked: &[String]) -> Vec<String> {
    let ids = asked
        .iter()
        .filter_map(|path| path.strip_prefix("/conversations/"));
    ids.filter(|id| is_number(id)).map(str::to_owned).collect()
}

fn is_number(id: &str) -> bool {
    id.bytes().all(|byte| byte.is_ascii_digit())
}

/// Contacts that were asked for one by one.
fn strangers(asked: &[String]) -> BTreeSet<String> {
    let ids = asked
        .iter()
        .filter_map(|path| path.strip_prefix("/contacts/"));
    ids.filter(|id| !id.contains('/'))
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_conversations_are_fetched_first() {
    // What is under way at once may arrive in any order: few are.
    let house = House::open(story(120, 900)).await;
    let house = house.with("HARKEN_SYNC_IN_FLIGHT", "6");
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    let truth = house.truth().await;
    let mut newest: Vec<(i64, &String)> = truth
        .conversations
        .iter()
        .map(|(id, conversation)| (conversation.updated_at(), id))
        .collect();
    newest.sort_unstable();
    newest.reverse();
    let first_page: BTreeSet<&String> = newest.iter().take(150).map(|(_, id)| *id).collect();
    let fetched = fetched(&house.vault.asked());
    assert!(fetched.len() >= truth.conversations.len());
    let early = &fetched[..100];
    assert!(early.iter().all(|id| first_page.contains(id)), "{early:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_wait_for_the_list_of_contacts_and_cost_no_request_more() {
    let quick = House::open(story(600, 400)).await;
    let process = quick.start().await;
    quick.connect().await;
    quick.ended(&process).await;

    let slow = House::open(story(600, 400)).await;
    let delay = json!({"path": "/contacts", "times": 100, "harm": "delay", "millis": 400});
    slow.order("faults", delay).await;
    let process = slow.start().await;
    slow.connect().await;
    let run = slow.ended(&process).await;
    assert_eq!(run.state(), RunState::CompleteWithGaps, "{}", run.reason);

    let (quick, asked) = (quick.vault.asked(), slow.vault.asked());
    // Those that no list shows: absorbed, or gone.
    assert_eq!(strangers(&asked), strangers(&quick));
    let place = |path: &str| asked.iter().rposition(|asked| asked == path).unwrap();
    let searched = asked
        .iter()
        .position(|path| path == "/conversations/search");
    assert!(
        searched.unwrap() < place("/contacts"),
        "they go on side by side"
    );
    slow.truth().await.assert_mirrored(&slow).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_again_and_again_ends_with_the_whole_truth() {
    let slowly = harken_simulator::Config {
        latency_ms: 15,
        search_latency_ms: 40,
        ..story(900, 900)
    };
    let house = House::open(slowly).await.with("HARKEN_SYNC_IN_FLIGHT", "6");
    house.connect().await;
    let mut stops = 0;
    for round in 0..12 {
        let process = house.start().await;
        let enough = house.vault.asked().len() + 20 + round * 37 % 90;
        let mut is_over = false;
        eventually("it asks on", async || {
            let run = house.latest_run(&process).await;
            is_over = run.is_some_and(|run| {
                run.state() != RunState::Running && run.state() != RunState::Queued
            });
            is_over || house.vault.asked().len() >= enough
        })
        .await;
        if is_over {
            break;
        }
        process.stop().await;
        stops += 1;
    }
    assert!(
        stops >= 6,
        "the run was over after {stops} stops: it proves too little"
    );
    let process = house.start().await;
    let run = house.ended_within(&process, Duration::from_mins(1)).await;
    assert_eq!(run.state(), RunState::CompleteWithGaps, "{}", run.reason);
    let truth = house.truth().await;
    truth.assert_mirrored(&house).await;
    let conversations = count(&run, "conversations");
    assert_eq!(conversations.written, truth.conversations.len() as u64);
    assert_eq!(conversations.skipped, truth.strangers.len() as u64);
    assert_eq!(count(&run, "contacts").seen, truth.contacts.len() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_closes_a_run_is_asked_for_while_it_looks_for_what_changed() {
    let house = House::open(story(60, 60)).await;
    // The search of the backfill goes well; the one after it has to be repeated.
    let trouble =
        json!({"path": "/conversations/search", "skip": 1, "times": 1, "harm": "empty_body"});
    house.order("faults", trouble).await;
    let process = house.start().await;
    house.connect().await;
    let run = house.ended(&process).await;
    assert_eq!(run.state(), RunState::Complete, "{}", run.reason);
    let asked = house.vault.asked();
    let places = |wanted: &str| -> Vec<usize> {
        let found = asked.iter().enumerate().filter(|(_, path)| *path == wanted);
        found.map(|(place, _)| place).collect()
    };
    let searches = places("/conversations/search");
    assert_eq!(searches.len(), 3, "{asked:?}");
    for path in ["/contacts/search", "/conversations/deleted"] {
        let asked_at = places(path);
        assert_eq!(asked_at.len(), 1, "{path} is asked for once: {asked:?}");
        assert!(asked_at[0] < searches[2], "{path} waits: {asked:?}");
    }
    house.truth().await.assert_mirrored(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_for_too_early_is_asked_for_again() {
    let slowly = harken_simulator::Config {
        search_latency_ms: 1500,
        ..story(60, 60)
    };
    let house = House::open(slowly).await;
    let process = house.start().await;
    house.connect().await;
    let often = |wanted: &str| {
        let asked = house.vault.asked();
        asked.iter().filter(|path| *path == wanted).count()
    };
    // The search is on its way that looks for what changed: it finds this one.
    eventually("it looks", async || often("/conversations/search") == 2).await;
    let about = json!({"what": "customer_reply", "text": "One more thing."});
    let truth = house.truth().await;
    let conversation = truth.conversations.keys().next().unwrap();
    house
        .order(&format!("story/demo/conversations/{conversation}"), about)
        .await;
    let run = house.ended(&process).await;
    assert_eq!(run.state(), RunState::Complete, "{}", run.reason);
    assert_eq!(often("/conversations/search"), 3);
    assert_eq!(often("/contacts/search"), 2);
    assert_eq!(often("/conversations/deleted"), 2);
    house.truth().await.assert_mirrored(&house).await;
}
