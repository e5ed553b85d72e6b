use std::collections::BTreeMap;

use harken_contracts::wire::sync::v1::{
    Drift, DriftCause, DriftCount, GetDriftRequest, GetStatusRequest,
};
use serde_json::json;

use super::imported;
use crate::{
    harness::{House, Process, story},
    live::notifications::told,
};

impl House {
    async fn drift(&self, process: &Process) -> Drift {
        let request = GetDriftRequest {
            connection_id: self.connection.to_string(),
            days: 0,
        };
        let answer = self.runs(process).get_drift(request).await;
        answer.unwrap().into_inner()
    }

    /// Tells what a conversation is now, as Intercom would have.
    async fn tell_of_conversation(&self, name: &str, id: &str) {
        let item = self.shown(id).await;
        let at = item["updated_at"].as_i64().unwrap();
        self.tell(&[told(name, "conversation.user.replied", at, &item)])
            .await;
    }
}

fn by_cause(counts: &[DriftCount]) -> BTreeMap<DriftCause, u64> {
    counts.iter().map(|one| (one.cause(), one.count)).collect()
}

/// An imported workspace whose notifications come.
async fn listening() -> (House, Process) {
    let house = House::open(story(80, 80))
        .await
        .with("HARKEN_SYNC_DRIFT_GRACE_SECS", "0");
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    let truth = house.truth().await;
    let last = truth.conversations.keys().last().unwrap();
    house.reply(last).await;
    house.tell_of_conversation("first", last).await;
    house.taken(1).await;
    (house, process)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_told_is_drift_by_its_cause() {
    let (house, process) = listening().await;
    let truth = house.truth().await;
    let mut ids = truth.conversations.keys();
    let mut next = || ids.next().unwrap();
    let (told_one, dropped, told_later, deleted) = (next(), next(), next(), next());
    house.reply(told_one).await;
    house.tell_of_conversation("second", told_one).await;
    house.reply(dropped).await;
    // Of two changes only the later one is told: the record was told of.
    house.reply(told_later).await;
    house.reply(told_later).await;
    house.tell_of_conversation("third", told_later).await;
    let gone = format!("story/demo/conversations/{deleted}/delete");
    house.order(&gone, json!({})).await;
    let added = json!({"name": "Nova", "email": "nova@example.com"});
    house.order("story/demo/contacts", added).await;
    house
        .rename(truth.contacts.keys().next().unwrap(), "Another name")
        .await;
    house.taken(3).await;
    house.repaired().await;
    let run = house.catch_up(&process).await;
    let expected = BTreeMap::from([
        (DriftCause::Missing, 1),
        // The conversation and the contact.
        (DriftCause::Stale, 2),
        (DriftCause::Gone, 1),
    ]);
    assert_eq!(by_cause(&run.drift), expected);
    house.repaired().await;
    house
        .truth()
        .await
        .assert_conversations_mirrored(&house)
        .await;
    // It is healed: the next run has nothing to correct.
    let again = house.catch_up(&process).await;
    assert_eq!(by_cause(&again.drift), BTreeMap::new());
    let drift = house.drift(&process).await;
    assert_eq!(by_cause(&drift.causes), expected);
    assert_eq!(drift.days.len(), 1);
    assert!(drift.records_compared >= 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_notification_ever_came_news_is_no_drift() {
    let (house, process) = imported(40, 40).await;
    let truth = house.truth().await;
    for conversation in truth.conversations.keys().take(15) {
        house.reply(conversation).await;
    }
    let run = house.catch_up(&process).await;
    assert_eq!(by_cause(&run.drift), BTreeMap::new());
    assert!(!is_drift_high(&house, &process).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_that_may_still_be_on_its_way_is_not_missed() {
    let house = House::open(story(40, 40)).await;
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    let truth = house.truth().await;
    let mut ids = truth.conversations.keys();
    let first = ids.next().unwrap();
    house.reply(first).await;
    house.tell_of_conversation("first", first).await;
    house.taken(1).await;
    house.reply(ids.next().unwrap()).await;
    let run = house.catch_up(&process).await;
    assert_eq!(by_cause(&run.drift), BTreeMap::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_is_high_when_most_of_what_changed_was_not_told() {
    let (house, process) = listening().await;
    assert!(!is_drift_high(&house, &process).await);
    let truth = house.truth().await;
    for conversation in truth.conversations.keys().take(12) {
        house.reply(conversation).await;
    }
    let run = house.catch_up(&process).await;
    assert_eq!(
        by_cause(&run.drift),
        BTreeMap::from([(DriftCause::Stale, 12)])
    );
    assert!(is_drift_high(&house, &process).await);
}

async fn is_drift_high(house: &House, process: &Process) -> bool {
    let request = GetStatusRequest {
        connection_id: house.connection.to_string(),
        without_totals: true,
    };
    let status = house.runs(process).get_status(request).await.unwrap();
    status.into_inner().is_drift_high
}
