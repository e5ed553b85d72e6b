use harken_contracts::wire::sync::v1::{
    GetSettingsRequest, PauseSyncRequest, ResumeSyncRequest, RunKind, RunState, StartRunRequest,
    SyncSettings, UpdateSettingsRequest,
};
use harken_domain::Role;
use harken_runtime::status;
use harken_testkit::eventually;
use tonic::Code;

use super::{assert_complete, imported};
use crate::harness::{House, Process, story};

impl House {
    async fn pause(&self, process: &Process) -> SyncSettings {
        let request = PauseSyncRequest {
            connection_id: self.connection.to_string(),
        };
        let paused = self.runs(process).pause_sync(request).await;
        paused.unwrap().into_inner()
    }

    async fn resume(&self, process: &Process) -> SyncSettings {
        let request = ResumeSyncRequest {
            connection_id: self.connection.to_string(),
        };
        let resumed = self.runs(process).resume_sync(request).await;
        resumed.unwrap().into_inner()
    }

    async fn settings(&self, process: &Process) -> SyncSettings {
        let request = GetSettingsRequest {
            connection_id: self.connection.to_string(),
        };
        let found = self.runs(process).get_settings(request).await;
        found.unwrap().into_inner()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_stands_still_while_paused_and_goes_on_from_there() {
    let slowly = harken_simulator::Config {
        latency_ms: 15,
        ..story(300, 400)
    };
    let house = House::open(slowly).await.with("HARKEN_SYNC_IN_FLIGHT", "4");
    let process = house.start().await;
    house.connect().await;
    let written =
        "SELECT coalesce(sum((counts -> 'conversations' ->> 'written')::bigint), 0)::bigint
         FROM sync.runs WHERE connection_id = $1";
    eventually("conversations are written", async || {
        house.count(written, house.connection).await > 0
    })
    .await;
    let paused = house.pause(&process).await;
    assert!(paused.is_paused && paused.paused_at.is_some() && paused.next_run_at.is_none());
    let run = house.latest_run(&process).await.unwrap();
    assert_eq!(run.state(), RunState::Paused);
    // What is under way is let go within a heartbeat; then nothing moves.
    eventually("nothing is asked any more", async || {
        let calls = house.vault.calls();
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        house.vault.calls() == calls
    })
    .await;
    let at = house.count(written, house.connection).await;
    let total = house.truth().await.conversations.len();
    assert!(at < i64::try_from(total).unwrap(), "it was over before");
    // A second pause changes nothing, and no other run begins.
    assert_eq!(house.pause(&process).await.paused_at, paused.paused_at);
    let request = StartRunRequest {
        connection_id: house.connection.to_string(),
        kind: RunKind::Full.into(),
    };
    let refused = house.runs(&process).start_run(request).await.unwrap_err();
    assert_eq!(status::reason_of(&refused).as_deref(), Some("SYNC_PAUSED"));
    // Also a process that starts now leaves it alone.
    process.stop().await;
    let process = house.start().await;
    assert_eq!(house.count(written, house.connection).await, at);
    assert!(!house.resume(&process).await.is_paused);
    let ended = house.ended(&process).await;
    assert_eq!(ended.run_id, run.run_id);
    assert_complete(&ended);
    house.truth().await.assert_mirrored(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_started_by_the_schedule_while_paused() {
    let (house, process) = imported(10, 10).await;
    house.pause(&process).await;
    house.age_runs("1 hour").await;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert_eq!(house.all_runs(&process).await.len(), 1);
    house.resume(&process).await;
    eventually("the run that is due begins", async || {
        house.all_runs(&process).await.len() == 2
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_kept_and_wrong_ones_refused_by_the_field() {
    let (house, process) = imported(10, 10).await;
    let usual = house.settings(&process).await;
    assert_eq!((usual.interval_secs, usual.backfill_days), (900, 90));
    assert!(!usual.is_paused && usual.next_run_at.is_some());
    let update = |interval_secs, backfill_days| UpdateSettingsRequest {
        connection_id: house.connection.to_string(),
        interval_secs,
        backfill_days,
    };
    let mut runs = house.runs(&process);
    let changed = runs.update_settings(update(Some(3600), None)).await;
    let changed = changed.unwrap().into_inner();
    assert_eq!((changed.interval_secs, changed.backfill_days), (3600, 90));
    runs.update_settings(update(None, Some(30))).await.unwrap();
    let kept = house.settings(&process).await;
    assert_eq!((kept.interval_secs, kept.backfill_days), (3600, 30));
    for (interval_secs, backfill_days, field) in [
        (Some(59), None, "interval_secs"),
        (Some(86_401), None, "interval_secs"),
        (None, Some(0), "backfill_days"),
        (None, Some(3651), "backfill_days"),
    ] {
        let refused = runs.update_settings(update(interval_secs, backfill_days));
        let refused = refused.await.unwrap_err();
        assert_eq!(status::field_of(&refused).as_deref(), Some(field));
    }
    let mut member = house.runs_as(&process, Role::Member);
    let refused = member.update_settings(update(Some(60), None)).await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
    let pause = PauseSyncRequest {
        connection_id: house.connection.to_string(),
    };
    let mut viewer = house.runs_as(&process, Role::Viewer);
    let refused = viewer.pause_sync(pause.clone()).await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
    member.pause_sync(pause).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_run_reads_as_far_back_as_the_connection_wants() {
    let (house, process) = imported(40, 200).await;
    let oldest = "SELECT count(*) FROM sync.conversations
         WHERE connection_id = $1 AND mirrored_at >= (SELECT max(started_at) FROM sync.runs)";
    let request = UpdateSettingsRequest {
        connection_id: house.connection.to_string(),
        interval_secs: None,
        backfill_days: Some(1),
    };
    house.runs(&process).update_settings(request).await.unwrap();
    let before = house.vault.asked().len();
    let run = house.run_again(&process).await;
    assert_complete(&run);
    let fetched = house.vault.asked().split_off(before);
    let fetched = fetched
        .iter()
        .filter(|path| {
            let id = path.strip_prefix("/conversations/");
            id.is_some_and(|id| id.parse::<u64>().is_ok())
        })
        .count();
    let all = house.truth().await.conversations.len();
    assert!(fetched < all / 4, "{fetched} of {all} fetched for one day");
    assert_eq!(house.count(oldest, house.connection).await, 0);
}
