use std::collections::{BTreeMap, BTreeSet};

use harken_contracts::{
    subjects,
    wire::events::v1::{RecordChanged, RunEnded, RunProgressed, record_change::Record},
    wire::sync::v1::{ListGapsRequest, RunState},
};

use crate::harness::{House, count, story};

#[tokio::test]
async fn a_workspace_is_mirrored_whole_and_counted() {
    let house = House::open(story(200, 400)).await;
    let process = house.start().await;
    house.connect().await;
    let run = house.ended(&process).await;
    let truth = house.truth().await;
    truth.assert_mirrored(&house).await;

    // The story holds a conversation of more than 500 parts.
    assert_eq!(run.state(), RunState::CompleteWithGaps, "{}", run.reason);
    let request = ListGapsRequest {
        run_id: run.run_id.clone(),
        page: None,
    };
    let gaps = house
        .runs(&process)
        .list_gaps(request)
        .await
        .unwrap()
        .into_inner()
        .gaps;
    assert!(gaps.iter().all(|gap| gap.kind == "parts"), "{gaps:?}");
    assert_eq!(gaps.len() as u64, run.gap_count);

    let contacts = count(&run, "contacts");
    assert_eq!(contacts.seen, truth.contacts.len() as u64);
    assert_eq!(contacts.written, truth.customers() as u64);
    assert_eq!(contacts.skips[0].reason, "no_valid_email");
    assert_eq!(contacts.seen, contacts.written + contacts.skipped);
    let conversations = count(&run, "conversations");
    assert_eq!(conversations.written, truth.conversations.len() as u64);
    assert_eq!(conversations.skipped, truth.strangers.len() as u64);
    assert_eq!(conversations.total, Some(conversations.seen));
    for kind in ["tags", "admins", "teams", "companies", "parts"] {
        let count = count(&run, kind);
        assert!(
            count.seen > 0 && count.seen == count.written,
            "{kind}: {count:?}"
        );
    }
    process.stop().await;
}

#[tokio::test]
async fn every_change_is_told_once_with_all_that_scoring_needs() {
    let house = House::open(story(200, 400)).await;
    let process = house.start().await;
    house.connect().await;
    let run = house.ended(&process).await;
    let truth = house.truth().await;

    let mut contacts = BTreeSet::new();
    let mut conversations = BTreeMap::new();
    let mut companies = 0;
    let mut revisions = BTreeSet::new();
    for delivery in house.told(subjects::all_records()).await {
        assert!(delivery.payload.len() < 1024 * 1024);
        let event: RecordChanged = delivery.decode().unwrap();
        assert!(event.changes.len() <= 256);
        for change in event.changes {
            assert!(
                revisions.insert(change.revision),
                "a revision was given twice"
            );
            match change.record.unwrap() {
                Record::Contact(contact) => assert!(contacts.insert(contact.external_id)),
                Record::Company(_) => companies += 1,
                Record::Conversation(conversation) => {
                    let id = conversation.external_id.clone();
                    assert!(conversations.insert(id, conversation).is_none());
                }
                Record::Deleted(_) => panic!("nothing was deleted"),
            }
        }
    }
    assert_eq!(contacts, truth.contacts.keys().cloned().collect());
    assert_eq!(companies, count(&run, "companies").written);
    assert!(conversations.keys().eq(truth.conversations.keys()));
    let told = |what: &dyn Fn(&harken_contracts::wire::events::v1::Part) -> bool| {
        conversations
            .values()
            .flat_map(|told| &told.parts)
            .filter(|part| what(part))
            .count()
    };
    assert!(told(&|part| part.is_visible_message && part.text.is_some()) > 0);
    assert!(told(&|part| part.is_reopening) > 0);
    assert!(told(&|part| part.part_type == "note" && !part.is_visible_message) > 0);
    assert!(conversations.values().any(|told| !told.parts_complete));
    assert!(
        conversations
            .values()
            .all(|told| !told.customer_ids.is_empty())
    );

    let runs = house.told(subjects::all_runs()).await;
    let ended: Vec<RunEnded> = runs.iter().filter_map(|told| told.decode().ok()).collect();
    let [ended] = &ended[..] else {
        panic!("the end was told {} times", ended.len())
    };
    assert_eq!(
        (ended.verdict.as_str(), &ended.run_id),
        ("complete_with_gaps", &run.run_id)
    );
    let progress: Vec<RunProgressed> = runs.iter().filter_map(|told| told.decode().ok()).collect();
    let last = progress.last().expect("progress was told");
    let kind = last
        .kinds
        .iter()
        .find(|kind| kind.kind == "contacts")
        .unwrap();
    assert_eq!(kind.done, truth.contacts.len() as u64);
}

#[tokio::test]
async fn no_more_requests_are_made_than_needed() {
    let house = House::open(story(1000, 600)).await;
    let process = house.start().await;
    house.connect().await;
    let run = house.ended(&process).await;
    let truth = house.truth().await;
    let pages = |records: u64| records.div_ceil(150);
    let (n, c) = (truth.contacts.len() as u64, count(&run, "companies").seen);
    let m = (truth.conversations.len() + truth.strangers.len()) as u64;
    let formula =
        pages(n) + pages(m) + m + c.div_ceil(100) + 1 + truth.contacts_with_many_tags as u64 + 20;
    assert!(
        run.requests * 100 <= formula * 102,
        "{} requests instead of {formula}",
        run.requests
    );
    assert_eq!(run.requests, house.vault.calls());
}

#[tokio::test]
async fn a_second_import_finds_everything_unchanged_and_tells_nothing() {
    let house = House::open(story(120, 200)).await;
    let process = house.start().await;
    house.connect().await;
    let first = house.ended(&process).await;
    let told = house.told(subjects::all_records()).await.len();
    let second = house.run_again(&process).await;
    assert_ne!(first.run_id, second.run_id);
    house.truth().await.assert_mirrored(&house).await;
    for kind in ["contacts", "companies", "conversations", "parts"] {
        let (before, after) = (count(&first, kind), count(&second, kind));
        assert_eq!((after.seen, after.written), (before.seen, 0), "{kind}");
        assert_eq!(after.unchanged, before.written, "{kind}");
    }
    assert_eq!(house.told(subjects::all_records()).await.len(), told);
}

#[tokio::test]
async fn an_empty_workspace_is_complete() {
    let token = "sim_full_empty_a1b2c3d4e5f60718293a4b5c6d7e8f90";
    let house = House::open_with(story(10, 10), token).await;
    let process = house.start().await;
    house.connect().await;
    let run = house.ended(&process).await;
    assert_eq!(run.state(), RunState::Complete, "{}", run.reason);
    assert_eq!(count(&run, "contacts").seen, 0);
    assert_eq!(count(&run, "conversations").total, Some(0));
}
