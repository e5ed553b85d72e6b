use harken_contracts::wire::sync::v1::NotificationOutcome as Outcome;
use harken_testkit::eventually;
use serde_json::{Value, json};

use super::notifications::{Told, told};
use crate::harness::{House, story};

impl House {
    /// Opens the connection; its import begins.
    async fn open_known(&self) {
        self.connect().await;
        self.known(self.connection).await;
    }

    /// A conversation of the simulator's, as its notifications show it: without its parts but the last.
    pub(crate) async fn shown(&self, id: &str) -> Value {
        let mut shown = self.intercom(&format!("conversations/{id}")).await;
        let list = &mut shown["conversation_parts"]["conversation_parts"];
        let newest: Vec<Value> = list.as_array_mut().and_then(Vec::pop).into_iter().collect();
        shown["conversation_parts"] =
            json!({"total_count": newest.len(), "conversation_parts": newest});
        shown
    }
}

/// Whatever meets whatever in between, what stands at the end is what an import alone would have read.
#[tokio::test(flavor = "multi_thread")]
async fn notifications_and_a_running_import_end_in_the_truth() {
    let slowly = harken_simulator::Config {
        latency_ms: 5,
        ..story(60, 80)
    };
    let house = House::open(slowly).await;
    let process = house.start().await;
    let truth = house.truth().await;
    let mut all = Vec::new();
    for (n, id) in truth.conversations.keys().enumerate() {
        let item = house.shown(id).await;
        let at = item["updated_at"].as_i64().unwrap();
        let name = format!("n{n}");
        // Some tell all, some ids only, some of an hour before.
        all.push(match n % 3 {
            0 => told(&name, "conversation.admin.replied", at, &item),
            1 => Told {
                ids_only: true,
                ..told(&name, "conversation.read", at, &json!({"id": id}))
            },
            _ => {
                let mut old = item;
                old["updated_at"] = json!(at - 3600);
                old["state"] = json!("snoozed");
                told(&name, "conversation.admin.snoozed", at - 3600, &old)
            }
        });
    }
    house.open_known().await;
    for some in all.chunks(7) {
        house.tell(some).await;
    }
    house.taken(all.len()).await;
    house.ended(&process).await;
    house.repaired().await;
    truth.assert_mirrored(&house).await;
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_not_there_is_asked_for_twice_and_then_buried() {
    let house = House::open(story(3, 3)).await;
    let process = house.start().await;
    house.open_known().await;
    house.ended(&process).await;
    let ids = Told {
        ids_only: true,
        ..told("1", "conversation.read", 1, &json!({"id": "404404"}))
    };
    house.tell(&[ids]).await;
    house.taken(1).await;
    assert_eq!(house.outcomes(&process, &["1"]).await, [Outcome::Refetched]);
    house.repaired().await;
    let asked = house
        .vault
        .asked()
        .iter()
        .filter(|path| path.ends_with("/conversations/404404"))
        .count();
    assert_eq!(asked, 2);
    let buried =
        "SELECT count(*) FROM sync.tombstones WHERE connection_id = $1 AND external_id = '404404'";
    assert_eq!(house.count(buried, house.connection).await, 1);
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn repairs_wait_for_intercom_and_end_with_the_connection() {
    let house = House::open(story(3, 3)).await;
    let process = house.start().await;
    house.open_known().await;
    house.ended(&process).await;
    house.vault.away(true);
    let ids = Told {
        ids_only: true,
        ..told("1", "contact.user.updated", 1, &json!({"id": "someone"}))
    };
    house.tell(&[ids]).await;
    let before = house.vault.calls();
    eventually("it is asked for again and again", async || {
        house.vault.calls() >= before + 2
    })
    .await;
    assert_eq!(
        house.live(&process, house.connection).await.repairs_waiting,
        1
    );
    house.close_connection("Ann disconnected it", 2).await;
    house.repaired().await;
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_fetched_when_the_process_stops_is_given_back() {
    let house = House::open(story(3, 3)).await;
    let process = house.start().await;
    house.open_known().await;
    house.ended(&process).await;
    house.vault.hang();
    let before = house.vault.calls();
    let ids = Told {
        ids_only: true,
        ..told("1", "contact.user.updated", 1, &json!({"id": "someone"}))
    };
    house.tell(&[ids]).await;
    eventually("it is being fetched", async || house.vault.calls() > before).await;
    let due = "SELECT count(*) FROM sync.repairs WHERE connection_id = $1 AND due_at <= clock_timestamp()";
    assert_eq!(house.count(due, house.connection).await, 0);
    process.stop().await;
    assert_eq!(house.count(due, house.connection).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_that_does_not_say_whom_it_absorbed_is_looked_up() {
    let house = House::open(story(200, 200)).await;
    let process = house.start().await;
    house.open_known().await;
    house.ended(&process).await;
    let merged: (String, String) = sqlx::query_as(
        "SELECT external_id, survivor_external_id FROM sync.contact_aliases
         WHERE survivor_external_id IS NOT NULL LIMIT 1",
    )
    .fetch_one(&house.pool)
    .await
    .expect("the story holds a merge");
    sqlx::query("DELETE FROM sync.contact_aliases")
        .execute(&house.pool)
        .await
        .unwrap();
    let survivor = house.intercom(&format!("contacts/{}", merged.1)).await;
    house
        .tell(&[told("1", "contact.merged", 1, &survivor)])
        .await;
    house.taken(1).await;
    house.repaired().await;
    let known: Option<String> = sqlx::query_scalar(
        "SELECT survivor_external_id FROM sync.contact_aliases WHERE external_id = $1",
    )
    .bind(&merged.0)
    .fetch_one(&house.pool)
    .await
    .unwrap();
    assert_eq!(known.as_deref(), Some(merged.1.as_str()));
    process.stop().await;
}
