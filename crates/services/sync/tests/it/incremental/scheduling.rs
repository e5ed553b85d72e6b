use std::time::Duration;

use harken_contracts::wire::sync::v1::{
    GetStatusRequest, ListRunsRequest, RunKind, RunState, RunTrigger, StartRunRequest,
};
use harken_runtime::status;
use harken_testkit::eventually;

use super::{assert_complete, imported};
use crate::harness::{House, is_end, story};

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_start_a_run_that_is_due_once() {
    let (house, one) = imported(20, 20).await;
    let two = house.start().await;
    for expected in 2..5 {
        house.age_runs("16 minutes").await;
        eventually("the run that is due ends", async || {
            let runs = house.all_runs(&one).await;
            runs.len() >= expected && is_end(runs[0].state())
        })
        .await;
        // Both have looked again by now.
        tokio::time::sleep(Duration::from_secs(3)).await;
        let runs = house.all_runs(&two).await;
        assert_eq!(runs.len(), expected);
        assert_complete(&runs[0]);
        assert_eq!(runs[0].kind(), RunKind::Incremental);
        assert_eq!(runs[0].trigger(), RunTrigger::Scheduled);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_whole_import_there_is_nothing_to_go_on_from() {
    let house = House::open(story(5, 5))
        .await
        .with("HARKEN_SYNC_PATIENCE_SECS", "1");
    house.vault.away(true);
    let process = house.start().await;
    house.connect().await;
    let failed = house.ended(&process).await;
    assert_eq!(failed.state(), RunState::Failed);
    let request = StartRunRequest {
        connection_id: house.connection.to_string(),
        kind: RunKind::Incremental.into(),
    };
    let refused = house.runs(&process).start_run(request).await.unwrap_err();
    assert_eq!(status::reason_of(&refused).as_deref(), Some("NO_FULL_RUN"));
    // The import itself is tried again.
    house.vault.away(false);
    house.age_runs("2 minutes").await;
    eventually("the import is made up for", async || {
        let runs = house.all_runs(&process).await;
        runs.len() == 2 && is_end(runs[0].state())
    })
    .await;
    let run = house.all_runs(&process).await.remove(0);
    assert_complete(&run);
    assert_eq!(
        (run.kind(), run.trigger()),
        (RunKind::Full, RunTrigger::Scheduled)
    );
    house.truth().await.assert_mirrored(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_failed_half_way_goes_on_there() {
    let slowly = harken_simulator::Config {
        latency_ms: 10,
        ..story(200, 300)
    };
    let house = House::open(slowly)
        .await
        .with("HARKEN_SYNC_PATIENCE_SECS", "1")
        .with("HARKEN_SYNC_IN_FLIGHT", "4");
    let process = house.start().await;
    house.connect().await;
    let contacts = "SELECT count(*) FROM sync.runs WHERE connection_id = $1 AND checkpoint ->> 'contacts' = 'done'";
    eventually("contacts are read", async || {
        house.count(contacts, house.connection).await == 1
    })
    .await;
    house.vault.away(true);
    let failed = house.ended(&process).await;
    assert_eq!(failed.state(), RunState::Failed);
    house.vault.away(false);
    let before = house.vault.asked().len();
    house.age_runs("2 minutes").await;
    eventually("the import is made up for", async || {
        let runs = house.all_runs(&process).await;
        runs.len() == 2 && is_end(runs[0].state())
    })
    .await;
    let asked = house.vault.asked().split_off(before);
    let times = |wanted: &str| asked.iter().filter(|path| *path == wanted).count();
    // Once, to count them at the end.
    assert_eq!((times("/tags"), times("/contacts")), (0, 1));
    house.truth().await.assert_mirrored(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_failed_because_intercom_was_away_is_made_up_for() {
    let house = House::open(story(20, 20))
        .await
        .with("HARKEN_SYNC_PATIENCE_SECS", "1");
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    house.vault.away(true);
    let failed = house.catch_up(&process).await;
    assert_eq!(failed.state(), RunState::Failed);
    let truth = house.truth().await;
    house
        .reply(truth.conversations.keys().next().unwrap())
        .await;
    house.vault.away(false);
    house.age_runs("61 seconds").await;
    eventually("it is made up for", async || {
        let runs = house.all_runs(&process).await;
        runs.len() == 3 && is_end(runs[0].state())
    })
    .await;
    let run = house.all_runs(&process).await.remove(0);
    assert_eq!(run.trigger(), RunTrigger::Silence);
    house.repaired().await;
    house.truth().await.assert_mirrored(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_listed_by_kind_state_and_trigger() {
    let (house, process) = imported(10, 10).await;
    house.catch_up(&process).await;
    let listed = async |kind: RunKind, state: RunState, trigger: RunTrigger| {
        let request = ListRunsRequest {
            connection_id: house.connection.to_string(),
            kind: kind.into(),
            state: state.into(),
            trigger: trigger.into(),
            page: None,
        };
        let listed = house.runs(&process).list_runs(request).await.unwrap();
        let listed = listed.into_inner();
        assert_eq!(listed.page.unwrap().total_count, listed.runs.len() as u64);
        listed.runs.len()
    };
    let (any_kind, any_state, any_trigger) = Default::default();
    assert_eq!(listed(any_kind, any_state, any_trigger).await, 2);
    assert_eq!(listed(RunKind::Full, any_state, any_trigger).await, 1);
    assert_eq!(
        listed(RunKind::Incremental, any_state, any_trigger).await,
        1
    );
    assert_eq!(listed(any_kind, RunState::Paused, any_trigger).await, 0);
    assert_eq!(listed(any_kind, any_state, RunTrigger::Connected).await, 1);
    assert_eq!(
        listed(RunKind::Full, any_state, RunTrigger::Requested).await,
        0
    );
    let request = GetStatusRequest {
        connection_id: house.connection.to_string(),
        without_totals: true,
    };
    let status = house
        .runs(&process)
        .get_status(request)
        .await
        .unwrap()
        .into_inner();
    assert!(status.next_run_at.is_some() && status.last_ended_at.is_some() && !status.is_paused);
}
