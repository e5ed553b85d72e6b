//! Runs that read what changed, and when they are due.

mod changes;
mod drifting;
mod left_out;
mod midnight;
mod pausing;
mod scheduling;
mod vanishing;

use harken_contracts::wire::sync::v1::{ListRunsRequest, Run, RunKind, RunState, StartRunRequest};
use harken_testkit::eventually_some;
use serde_json::json;

use crate::harness::{House, Process, is_end, story};

/// A house whose workspace has been imported.
async fn imported(contacts: u64, conversations: u64) -> (House, Process) {
    let house = House::open(story(contacts, conversations)).await;
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    (house, process)
}

impl House {
    /// Reads what changed, and waits for the end.
    async fn catch_up(&self, process: &Process) -> Run {
        let run = self.begin_to_catch_up(process).await;
        self.end_of(process, &run.run_id).await
    }

    async fn begin_to_catch_up(&self, process: &Process) -> Run {
        let request = StartRunRequest {
            connection_id: self.connection.to_string(),
            kind: RunKind::Incremental.into(),
        };
        let started = self.runs(process).start_run(request).await;
        started.expect("the run starts").into_inner()
    }

    async fn end_of(&self, process: &Process, run_id: &str) -> Run {
        eventually_some("the run ends", async || {
            let runs = self.all_runs(process).await;
            let run = runs.into_iter().find(|run| run.run_id == run_id)?;
            is_end(run.state()).then_some(run)
        })
        .await
    }

    /// Every run, newest first.
    async fn all_runs(&self, process: &Process) -> Vec<Run> {
        let request = ListRunsRequest {
            connection_id: self.connection.to_string(),
            ..ListRunsRequest::default()
        };
        let listed = self.runs(process).list_runs(request).await;
        listed.expect("runs are listed").into_inner().runs
    }

    async fn reply(&self, conversation: &str) {
        let reply = json!({"what": "customer_reply", "text": "Is anybody there?"});
        self.order(&format!("story/demo/conversations/{conversation}"), reply)
            .await;
    }

    async fn rename(&self, contact: &str, name: &str) {
        let update = json!({"what": "update", "name": name});
        self.order(&format!("story/demo/contacts/{contact}"), update)
            .await;
    }

    /// Conversations of which every part fits in one answer.
    async fn short_conversations(&self, most: i64) -> Vec<String> {
        sqlx::query_scalar(
            "SELECT external_id FROM sync.conversations WHERE parts_held < 400 ORDER BY external_id LIMIT $1",
        )
        .bind(most)
        .fetch_all(&self.pool)
        .await
        .unwrap()
    }

    /// As if the last runs had begun and ended that long ago.
    async fn age_runs(&self, interval: &str) {
        sqlx::query(
            "UPDATE sync.runs SET created_at = created_at - $1::interval, started_at = started_at - $1::interval,
                    bound_at = bound_at - $1::interval, ended_at = ended_at - $1::interval",
        )
        .bind(interval)
        .execute(&self.pool)
        .await
        .unwrap();
    }
}

fn assert_complete(run: &Run) {
    assert!(
        matches!(run.state(), RunState::Complete | RunState::CompleteWithGaps),
        "{:?}: {}",
        run.state(),
        run.reason
    );
}
