use futures::TryStreamExt as _;
use harken_contracts::wire::{
    sync::v1::{ListRunLogRequest, ListRunsRequest, RunState, StartRunRequest, WatchRunRequest},
    types::v1::PageRequest,
};

use crate::harness::{House, story};

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_watched_to_its_end_and_leaves_a_log() {
    let slowly = harken_simulator::Config {
        latency_ms: 10,
        ..story(300, 400)
    };
    let house = House::open(slowly).await;
    let process = house.start().await;
    house.connect().await;
    let run =
        harken_testkit::eventually_some("a run begins", async || house.latest_run(&process).await)
            .await;
    let mut runs = house.runs(&process);
    let request = WatchRunRequest {
        run_id: run.run_id.clone(),
    };
    let seen: Vec<_> = runs
        .watch_run(request)
        .await
        .unwrap()
        .into_inner()
        .try_collect()
        .await
        .unwrap();
    let last = seen.last().unwrap();
    assert_eq!(last.state(), RunState::CompleteWithGaps);
    assert!(seen.len() > 1 && last.ended_at.is_some() && last.rows_per_second.abs() < f64::EPSILON);

    let again = StartRunRequest {
        connection_id: house.connection.to_string(),
        kind: 0,
    };
    let second = runs.start_run(again.clone()).await.unwrap().into_inner();
    let same = runs.start_run(again).await.unwrap().into_inner();
    assert_eq!(second.run_id, same.run_id);
    let request = ListRunsRequest {
        connection_id: house.connection.to_string(),
        page: Some(PageRequest {
            page_size: 1,
            page_token: String::new(),
        }),
        ..ListRunsRequest::default()
    };
    let listed = runs.list_runs(request).await.unwrap().into_inner();
    assert_eq!(
        (
            listed.runs[0].run_id.as_str(),
            listed.page.unwrap().total_count
        ),
        (second.run_id.as_str(), 2)
    );

    let request = ListRunLogRequest {
        run_id: run.run_id.clone(),
        ..ListRunLogRequest::default()
    };
    let lines = runs.list_run_log(request).await.unwrap().into_inner().lines;
    assert!(lines.is_sorted_by(|newer, older| newer.sequence > older.sequence));
    assert!(
        lines
            .iter()
            .any(|line| line.message.starts_with("Contacts read: 300 seen")),
        "{lines:?}"
    );
    let request = ListRunLogRequest {
        run_id: run.run_id,
        query: "COMPLETE".to_owned(),
        ..ListRunLogRequest::default()
    };
    let found = runs.list_run_log(request).await.unwrap().into_inner().lines;
    assert_eq!(found.len(), 1);
    house.ended(&process).await;
}
