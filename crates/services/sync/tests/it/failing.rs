use std::time::Duration;

use harken_contracts::wire::{
    events::v1::RunEnded,
    sync::v1::{ListGapsRequest, ListRunLogRequest, Run, RunState},
};
use harken_testkit::eventually;
use serde_json::{Value, json};

use crate::harness::{House, Process, count, story};

async fn gaps(house: &House, process: &Process, run: &Run) -> Vec<(String, String)> {
    let request = ListGapsRequest {
        run_id: run.run_id.clone(),
        page: None,
    };
    let gaps = house
        .runs(process)
        .list_gaps(request)
        .await
        .unwrap()
        .into_inner()
        .gaps;
    gaps.into_iter()
        .map(|gap| (gap.kind, gap.external_id))
        .collect()
}

async fn log(house: &House, process: &Process, run: &Run, query: &str) -> Vec<String> {
    let request = ListRunLogRequest {
        run_id: run.run_id.clone(),
        query: query.to_owned(),
        ..ListRunLogRequest::default()
    };
    let lines = house
        .runs(process)
        .list_run_log(request)
        .await
        .unwrap()
        .into_inner()
        .lines;
    lines.into_iter().map(|line| line.message).collect()
}

fn fault(path: &str, times: u32, mut harm: Value) -> Value {
    harm["path"] = path.into();
    harm["times"] = times.into();
    harm
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sick_intercom_delays_a_run_and_costs_nothing() {
    let house = House::open(story(200, 200)).await;
    let truth = house.truth().await;
    // Ids have much of their beginning in common, and a search is not among them.
    let retrieved = format!(
        "/conversations/{}*",
        &truth.conversations.keys().next().unwrap()[..3]
    );
    for (path, times, harm) in [
        (
            retrieved.as_str(),
            7,
            json!({"harm": "status", "status": 500}),
        ),
        (&retrieved, 5, json!({"harm": "empty_body"})),
        (&retrieved, 5, json!({"harm": "broken_json"})),
        (&retrieved, 2, json!({"harm": "error_with_ok"})),
        ("/conversations/search", 2, json!({"harm": "empty_body"})),
        ("/contacts", 2, json!({"harm": "broken_json"})),
        ("/contacts", 1, json!({"harm": "close_midway"})),
        ("/tags", 1, json!({"harm": "close"})),
    ] {
        house.order("faults", fault(path, times, harm)).await;
    }
    let process = house.start().await;
    house.connect().await;
    let run = house.ended(&process).await;
    assert_eq!(run.state(), RunState::CompleteWithGaps, "{}", run.reason);
    assert!(
        !log(&house, &process, &run, "cannot be read")
            .await
            .is_empty()
    );
    let gaps = gaps(&house, &process, &run).await;
    assert!(gaps.iter().all(|(kind, _)| kind == "parts"), "{gaps:?}");
    truth.assert_mirrored(&house).await;
    assert_eq!(house.look("faults").await, json!([]), "every fault struck");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_cannot_be_read_is_a_gap_and_the_rest_is_there() {
    let house = House::open(story(100, 150)).await;
    let truth = house.truth().await;
    let lost: Vec<&String> = truth.conversations.keys().take(3).collect();
    let harms = [
        json!({"harm": "status", "status": 404, "code": "not_found"}),
        json!({"harm": "empty_body"}),
        json!({"harm": "huge_body", "bytes": 40_000_000}),
    ];
    for (id, harm) in lost.iter().zip(harms) {
        house
            .order("faults", fault(&format!("/conversations/{id}"), 100, harm))
            .await;
    }
    let process = house.start().await;
    house.connect().await;
    let run = house.ended(&process).await;
    assert_eq!(run.state(), RunState::CompleteWithGaps, "{}", run.reason);
    let gaps = gaps(&house, &process, &run).await;
    for id in &lost {
        assert!(
            gaps.contains(&("conversation".to_owned(), (*id).clone())),
            "{gaps:?}"
        );
    }
    let held = count(&run, "conversations").written;
    assert_eq!(held, (truth.conversations.len() - lost.len()) as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_permission_is_named() {
    for (token, words) in [
        (
            "sim_no_conversations_demo_a1b2c3d4e5f60718293a4b5c6d7e8f90",
            "Read conversations",
        ),
        (
            "sim_no_contacts_demo_a1b2c3d4e5f60718293a4b5c6d7e8f90",
            "Read and list users and companies",
        ),
    ] {
        let house = House::open_with(story(60, 60), token).await;
        let process = house.start().await;
        house.connect().await;
        let run = house.ended(&process).await;
        assert_eq!(run.state(), RunState::Failed);
        assert!(
            run.reason.contains(words) && run.reason.contains("Developer Hub"),
            "{}",
            run.reason
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_dies_ends_the_run_with_the_remedy() {
    let slowly = harken_simulator::Config {
        latency_ms: 20,
        ..story(600, 600)
    };
    let house = House::open(slowly).await;
    let process = house.start().await;
    house.connect().await;
    eventually("the run reads", async || house.vault.calls() > 30).await;
    house
        .order("tokens/revoke", json!({"token": crate::harness::FULL}))
        .await;
    let run = house.ended(&process).await;
    assert_eq!(run.state(), RunState::Failed);
    assert!(
        run.reason.contains("Connect the workspace again"),
        "{}",
        run.reason
    );
    let told = house.told(harken_contracts::subjects::all_runs()).await;
    let ended: RunEnded = told
        .iter()
        .rev()
        .find_map(|told| told.decode().ok())
        .unwrap();
    assert_eq!(
        (ended.verdict.as_str(), ended.reason),
        ("failed", run.reason)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_waits_for_intercom_and_says_so() {
    let house = House::open(story(300, 300)).await;
    house.vault.away(true);
    let process = house.start().await;
    house.connect().await;
    eventually("the run waits", async || {
        let run = house.latest_run(&process).await;
        run.is_some_and(|run| run.reason.contains("Waits: Intercom is unreachable"))
    })
    .await;
    house.vault.away(false);
    let run = house.ended(&process).await;
    assert_eq!(run.state(), RunState::CompleteWithGaps, "{}", run.reason);
    house.truth().await.assert_mirrored(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_does_not_wait_for_ever_and_can_be_started_anew() {
    let house = House::open(story(60, 60))
        .await
        .with("HARKEN_SYNC_PATIENCE_SECS", "1");
    house.vault.away(true);
    let process = house.start().await;
    house.connect().await;
    let run = house.ended(&process).await;
    assert_eq!(run.state(), RunState::Failed);
    assert!(run.reason.contains("unreachable"), "{}", run.reason);
    house.vault.away(false);
    let run = house.run_again(&process).await;
    assert!(matches!(
        run.state(),
        RunState::Complete | RunState::CompleteWithGaps
    ));
    house.truth().await.assert_mirrored(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scroll_that_breaks_is_begun_again_and_counts_once() {
    let house = House::open(story(4000, 20)).await;
    let broken = json!({"path": "/companies/scroll", "times": 3, "skip": 2, "harm": "status", "status": 500});
    house.order("faults", broken).await;
    let process = house.start().await;
    house.connect().await;
    let run = house.ended_within(&process, Duration::from_mins(1)).await;
    assert_ne!(run.state(), RunState::Failed, "{}", run.reason);
    assert!(
        !log(&house, &process, &run, "scroll over companies broke")
            .await
            .is_empty()
    );
    let companies = count(&run, "companies");
    let truth = house.look("truth/demo").await;
    assert_eq!(companies.seen, truth["companies"].as_u64().unwrap());
    assert_eq!(companies.seen, companies.written);
}

#[tokio::test(flavor = "multi_thread")]
async fn companies_are_listed_where_another_app_keeps_the_scroll() {
    let house = House::open(story(60, 20))
        .await
        .with("HARKEN_SYNC_PATIENCE_SECS", "1");
    let taken = json!({"path": "/companies/scroll", "times": 1000, "harm": "status", "status": 400,
        "code": "scroll_exists"});
    house.order("faults", taken).await;
    let process = house.start().await;
    house.connect().await;
    let run = house.ended_within(&process, Duration::from_mins(1)).await;
    assert_eq!(run.state(), RunState::CompleteWithGaps, "{}", run.reason);
    let companies = count(&run, "companies");
    assert!(companies.written > 0 && companies.written == companies.seen);
    let gaps = gaps(&house, &process, &run).await;
    assert!(
        gaps.contains(&("companies".to_owned(), String::new())),
        "{gaps:?}"
    );
    let said = log(&house, &process, &run, "their list is read instead").await;
    assert_eq!(said.len(), 1);
}

/// Whatever fails leaves a line with the id that Intercom gave the request.
#[tokio::test(flavor = "multi_thread")]
async fn each_failing_request_is_in_the_log_with_its_id() {
    let house = House::open(story(60, 60)).await;
    let truth = house.truth().await;
    let lost = truth.conversations.keys().next().unwrap();
    let harms = [
        fault(
            &format!("/conversations/{lost}"),
            9,
            json!({"harm": "status", "status": 404, "code": "not_found"}),
        ),
        fault("/contacts", 1, json!({"harm": "broken_json"})),
        fault(
            "/segments",
            9,
            json!({"harm": "status", "status": 403, "code": "forbidden"}),
        ),
        fault("/conversations/search", 1, json!({"harm": "empty_body"})),
    ];
    for harm in harms {
        house.order("faults", harm).await;
    }
    let process = house.start().await;
    house.connect().await;
    let run = house.ended(&process).await;
    let request = ListRunLogRequest {
        run_id: run.run_id.clone(),
        severity: "warning".to_owned(),
        ..ListRunLogRequest::default()
    };
    let lines = house
        .runs(&process)
        .list_run_log(request)
        .await
        .unwrap()
        .into_inner()
        .lines;
    for words in [
        "A conversation could not be read",
        "The answer about contacts cannot be read",
        "Goes on without segments",
        "The answer about conversations cannot be read",
    ] {
        let line = lines.iter().find(|line| line.message.contains(words));
        let line = line.unwrap_or_else(|| panic!("nothing says {words}: {lines:?}"));
        assert!(!line.intercom_request_id.is_empty(), "{}", line.message);
    }
    let left_out = log(&house, &process, &run, "without a valid e-mail address").await;
    assert_eq!(left_out.len(), 1, "why contacts were left out is said once");
}
