//! What happens, in the console and as a stream.

use harken_bus::Outgoing;
use harken_contracts::convert::timestamp;
use harken_contracts::events::Event;
use harken_contracts::wire::events::v1::record_change::Record;
use harken_contracts::wire::events::v1::{
    RecordCause, RecordChange, RecordChanged, ScoreChange, ScoreChanged,
};
use harken_contracts::wire::types::v1::RiskLevel;
use harken_domain::Role;
use harken_testkit::{eventually, records};

use crate::browser::Browser;
use crate::fakes::{connection_id, conversation_id, customer_id, organization_id};
use crate::house::House;

/// Conversations that are told of, each with its cause.
fn changed(house: &House, causes: &[RecordCause]) -> RecordChanged {
    let mut conversation = records::conversation(connection_id(), "2100", customer_id());
    conversation.conversation_id = conversation_id().to_string();
    conversation.title = Some("words of a customer".to_owned());
    let change = |cause: &RecordCause| RecordChange {
        revision: 7,
        cause: (*cause).into(),
        changed_at: Some(timestamp(house.fakes.clock.now())),
        record: Some(Record::Conversation(conversation.clone())),
        heard_at: Some(timestamp(house.fakes.clock.now())),
    };
    RecordChanged {
        connection_id: connection_id().to_string(),
        organization_id: organization_id().to_string(),
        changes: causes.iter().map(change).collect(),
    }
}

fn moved(house: &House, from: u32, to: u32) -> ScoreChanged {
    ScoreChanged {
        connection_id: connection_id().to_string(),
        organization_id: organization_id().to_string(),
        changes: vec![ScoreChange {
            customer_id: customer_id().to_string(),
            points: Some(to),
            level: RiskLevel::AtRisk.into(),
            previous_points: Some(from),
            previous_level: RiskLevel::Healthy.into(),
            reason: "a closed conversation was opened again".to_owned(),
            revision: 8,
            evaluated_at: Some(timestamp(house.fakes.clock.now())),
        }],
    }
}

async fn publish(house: &House, event: &impl Event) {
    let id = format!("{:016x}", rand::random::<u64>());
    let outgoing = Outgoing::of(id, event).unwrap();
    house.bus.publish(outgoing).await.unwrap();
}

async fn page_says(viewer: &mut Browser, path: &str, words: &str) -> String {
    let mut page = String::new();
    eventually("the page tells", async || {
        page = viewer.get(path).await.text;
        page.contains(words)
    })
    .await;
    page
}

#[tokio::test]
async fn what_happened_stands_beside_what_it_did_to_the_score() {
    let house = House::open().await;
    house.fakes.connected();
    let mut viewer = house.signed_in(Role::Viewer);
    let empty = viewer.get("/activity").await.text;
    assert!(empty.contains("Nothing has happened yet"), "{empty}");

    publish(
        &house,
        &changed(&house, &[RecordCause::ConversationReopened]),
    )
    .await;
    page_says(&mut viewer, "/activity", "Conversation reopened").await;
    publish(&house, &moved(&house, 71, 58)).await;
    let page = page_says(&mut viewer, "/activity", "because a closed conversation").await;
    assert!(
        page.contains("Miles O&#39;Brien &#60;script&#62;"),
        "{page}"
    );
    assert!(page.contains(&format!("/customers/{}", customer_id())));
    assert_eq!(page.matches("data-row").count(), 1, "one line, not two");
    for place in ["/", &format!("/customers/{}", customer_id())] {
        let page = viewer.get(place).await.text;
        assert!(page.contains("Conversation reopened"), "{place}");
    }
    let contacts = viewer.get("/activity?kind=contacts").await.text;
    assert!(contacts.contains("Nothing of this kind yet"));
    let scores = viewer.get("/activity?kind=scores").await.text;
    assert!(scores.contains("Conversation reopened"));
    assert_eq!(viewer.get("/activity?kind=x").await.status, 400);
}

#[tokio::test]
async fn an_import_is_no_activity() {
    let house = House::open().await;
    house.fakes.connected();
    publish(&house, &changed(&house, &[RecordCause::Imported])).await;
    publish(&house, &changed(&house, &[RecordCause::ConversationClosed])).await;
    let mut viewer = house.signed_in(Role::Viewer);
    let page = page_says(&mut viewer, "/activity", "Conversation closed").await;
    assert_eq!(page.matches("data-row").count(), 1);
}
