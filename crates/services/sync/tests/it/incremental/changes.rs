use std::collections::HashMap;

use harken_testkit::eventually;
use serde_json::json;

use super::{assert_complete, imported};
use crate::harness::{House, count, story};

/// The budget of an incremental run: besides the fetch of each changed conversation.
const MOST_REQUESTS: u64 = 60;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_contacts_and_fifty_conversations_cost_few_requests() {
    let (house, process) = imported(600, 400).await;
    let truth = house.truth().await;
    for contact in truth.contacts.keys().take(100) {
        house.rename(contact, "Another name").await;
    }
    let conversations = house.short_conversations(50).await;
    for conversation in &conversations {
        house.reply(conversation).await;
    }
    let asked_before = house.vault.asked().len();
    let run = house.catch_up(&process).await;
    assert_complete(&run);
    let asked = house.vault.asked().split_off(asked_before);
    let is_fetch = |path: &&String| {
        let id = path.strip_prefix("/conversations/");
        id.is_some_and(|id| conversations.iter().any(|changed| changed == id))
    };
    let fetches = asked.iter().filter(is_fetch).count() as u64;
    let others = asked.len() as u64 - fetches;
    let mut by_path: HashMap<&str, u32> = HashMap::new();
    for path in asked.iter().filter(|path| !is_fetch(path)) {
        *by_path.entry(path).or_default() += 1;
    }
    println!("{fetches} conversations fetched, {others} requests besides: {by_path:?}");
    assert_eq!(fetches, 50, "each changed conversation is fetched once");
    assert!(others <= MOST_REQUESTS, "{by_path:?}");
    house.repaired().await;
    house.truth().await.assert_mirrored(&house).await;
    assert_eq!(count(&run, "conversations").written, 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_changed_nothing_is_fetched() {
    let (house, process) = imported(60, 60).await;
    house.catch_up(&process).await;
    let before = house.vault.asked().len();
    let run = house.catch_up(&process).await;
    assert_complete(&run);
    let asked = house.vault.asked().split_off(before);
    assert_eq!(
        asked,
        [
            "/tags",
            "/admins",
            "/teams",
            "/contacts/search",
            "/conversations/search",
            "/conversations/deleted"
        ]
    );
    assert_eq!(run.requests, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_what_changed_and_what_went_is_found() {
    let (house, process) = imported(80, 80).await;
    let truth = house.truth().await;
    let mut ids = truth.conversations.keys();
    let (replied, deleted) = (ids.next().unwrap(), ids.next().unwrap());
    let contact = truth.contacts.keys().next().unwrap();
    house.reply(replied).await;
    let gone = format!("story/demo/conversations/{deleted}/delete");
    house.order(&gone, json!({})).await;
    let added = json!({"name": "Nova", "email": "nova@example.com"});
    house.order("story/demo/contacts", added).await;
    house.rename(contact, "Another name").await;
    let run = house.catch_up(&process).await;
    assert_complete(&run);
    house.repaired().await;
    house
        .truth()
        .await
        .assert_conversations_mirrored(&house)
        .await;
    let buried =
        "SELECT count(*) FROM sync.tombstones WHERE connection_id = $1 AND kind = 'conversation'";
    assert!(house.count(buried, house.connection).await >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incremental_run_that_is_killed_goes_on_from_its_place() {
    let slowly = harken_simulator::Config {
        latency_ms: 15,
        ..story(200, 200)
    };
    let house = House::open(slowly).await.with("HARKEN_SYNC_IN_FLIGHT", "2");
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    for conversation in house.short_conversations(80).await {
        house.reply(&conversation).await;
    }
    let truth = house.truth().await;
    let settle_at = truth.conversations.values().map(|one| one.updated_at() + 3);
    let settled_at = settle_at.max().unwrap();
    eventually("the last reply is no longer of this second", async || {
        let now = sqlx::query_scalar("SELECT extract(epoch FROM now())::bigint");
        let now: i64 = now.fetch_one(&house.pool).await.unwrap();
        now > settled_at
    })
    .await;
    let run = house.begin_to_catch_up(&process).await;
    let is_batch_written = "SELECT count(*) FROM sync.runs
         WHERE connection_id = $1 AND kind = 'incremental' AND (counts -> 'conversations' ->> 'written')::int >= 32";
    eventually("a batch is written", async || {
        house.count(is_batch_written, house.connection).await == 1
    })
    .await;
    process.kill();
    let before = house.vault.asked().len();
    let written: Vec<String> = sqlx::query_scalar(
        "SELECT '/conversations/' || external_id FROM sync.conversations
         WHERE mirrored_at > (SELECT max(started_at) FROM sync.runs WHERE connection_id = $1 AND kind = 'incremental')",
    )
    .bind(house.connection.as_uuid())
    .fetch_all(&house.pool)
    .await
    .unwrap();
    assert!(written.len() >= 32, "{} written", written.len());
    let process = house.start().await;
    let run = house.end_of(&process, &run.run_id).await;
    assert_complete(&run);
    let asked = house.vault.asked().split_off(before);
    for path in &written {
        assert!(!asked.contains(path), "{path} was fetched after the kill");
    }
    house.repaired().await;
    house.truth().await.assert_mirrored(&house).await;
    assert_eq!(count(&run, "conversations").written, 80);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_too_soon_after_its_change_is_read_again() {
    let (house, process) = imported(60, 60).await;
    let conversations = house.short_conversations(2).await;
    let [read_early, told_since] = &conversations[..] else {
        panic!("there are two");
    };
    let contact: String =
        sqlx::query_scalar("SELECT external_id FROM sync.contacts WHERE is_customer LIMIT 1")
            .fetch_one(&house.pool)
            .await
            .unwrap();
    house.reply(read_early).await;
    house.reply(told_since).await;
    house.rename(&contact, "Another name").await;
    house.catch_up(&process).await;
    house.repaired().await;
    // As if Intercom had changed each once more in the second in which it was read, or had told of it after that.
    for (tampering, id) in [
        (
            "UPDATE sync.contacts
             SET name = 'Older', content_hash = decode(md5('other'), 'hex'), told_at = updated_at
             WHERE external_id = $1",
            &contact,
        ),
        (
            "UPDATE sync.conversations
             SET reopen_count = 99, head_hash = decode(md5('other'), 'hex'), content_hash = '', told_at = updated_at
             WHERE external_id = $1",
            read_early,
        ),
        (
            "UPDATE sync.conversations
             SET reopen_count = 99, head_hash = decode(md5('other'), 'hex'), content_hash = '', origin = 0,
                 told_at = updated_at + interval '5 seconds'
             WHERE external_id = $1",
            told_since,
        ),
    ] {
        let tampered = sqlx::query(tampering).bind(id).execute(&house.pool).await;
        assert_eq!(tampered.unwrap().rows_affected(), 1);
    }
    house.catch_up(&process).await;
    house.repaired().await;
    house.truth().await.assert_mirrored(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn open_conversations_that_closed_without_a_word_are_found() {
    let (house, process) = imported(60, 60).await;
    // The mirror holds two as open that are closed at Intercom, though their `updated_at` says nothing of it.
    let tampered: Vec<String> = sqlx::query_scalar(
        "UPDATE sync.conversations SET status = 'open', head_hash = decode(md5('other'), 'hex'), content_hash = ''
         WHERE external_id IN (SELECT external_id FROM sync.conversations WHERE status = 'closed' LIMIT 2)
         RETURNING external_id",
    )
    .fetch_all(&house.pool)
    .await
    .unwrap();
    assert_eq!(tampered.len(), 2);
    let open =
        "SELECT count(*) FROM sync.conversations WHERE connection_id = $1 AND status <> 'closed'";
    let wrong = house.count(open, house.connection).await;
    // Not yet due.
    house.catch_up(&process).await;
    assert_eq!(house.count(open, house.connection).await, wrong);
    house.age_runs("7 hours").await;
    house.catch_up(&process).await;
    house.repaired().await;
    assert_eq!(house.count(open, house.connection).await, wrong - 2);
    house.truth().await.assert_mirrored(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn companies_are_read_again_once_a_day() {
    let (house, process) = imported(60, 10).await;
    let wrong = "UPDATE sync.companies SET name = 'Outdated', content_hash = decode(md5('other'), 'hex'), updated_at = 'epoch'";
    sqlx::query(wrong).execute(&house.pool).await.unwrap();
    let outdated =
        "SELECT count(*) FROM sync.companies WHERE connection_id = $1 AND name = 'Outdated'";
    house.catch_up(&process).await;
    assert!(house.count(outdated, house.connection).await > 0);
    house.age_runs("25 hours").await;
    house.catch_up(&process).await;
    assert_eq!(house.count(outdated, house.connection).await, 0);
    let before = house.vault.asked().len();
    house.catch_up(&process).await;
    let asked = house.vault.asked().split_off(before);
    assert!(!asked.iter().any(|path| path == "/companies/scroll"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_days_leaves_nothing_unread() {
    let (house, process) = imported(60, 60).await;
    process.stop().await;
    house.age_runs("3 days").await;
    let truth = house.truth().await;
    for conversation in truth.conversations.keys().take(10) {
        house.reply(conversation).await;
    }
    let started = json!({"contact_id": id_of_a_customer(&house).await, "text": "Hello?"});
    house.order("story/demo/conversations", started).await;
    let process = house.start().await;
    // Nobody asks for it: it is long due.
    eventually("the run ends", async || {
        let runs = house.all_runs(&process).await;
        runs.len() == 2 && crate::harness::is_end(runs[0].state())
    })
    .await;
    let run = house.all_runs(&process).await.remove(0);
    assert_complete(&run);
    assert_eq!(
        run.trigger(),
        harken_contracts::wire::sync::v1::RunTrigger::Silence
    );
    house.repaired().await;
    house.truth().await.assert_mirrored(&house).await;
}

async fn id_of_a_customer(house: &House) -> String {
    sqlx::query_scalar(
        "SELECT external_id FROM sync.contacts WHERE is_customer ORDER BY external_id LIMIT 1",
    )
    .fetch_one(&house.pool)
    .await
    .unwrap()
}
