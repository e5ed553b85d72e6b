//! What happens at Intercom moves scores at once, with a reason in words.

use harken_contracts::wire::{
    events::v1::{
        AuthorKind::{Admin, Contact},
        ContactRecord, ConversationRecord,
        RecordCause::{self, ConversationPartCreated},
    },
    scoring::v1::{CountLevelsRequest, CountLevelsResponse, ListScoresRequest},
};

use crate::{
    harness::House,
    records::{Mirror, because, changed, closed, reopened, said, with_parts},
};

async fn cause_of_the_last_move(house: &House) -> Option<String> {
    sqlx::query_scalar("SELECT cause FROM scoring.score_history ORDER BY revision DESC LIMIT 1")
        .fetch_one(&mut house.owner().await)
        .await
        .unwrap()
}

/// A conversation before and after something happened to it.
struct Scene {
    before: ConversationRecord,
    after: ConversationRecord,
    cause: RecordCause,
    rises: bool,
    reason: &'static str,
}

fn scenes(mirror: &Mirror) -> Vec<Scene> {
    let conversation = || mirror.conversation("c1", "ada");
    let spoken = |parts, hours| with_parts(changed(conversation(), hours), parts);
    vec![
        Scene {
            before: conversation(),
            after: closed(conversation(), 1, 4),
            cause: RecordCause::ConversationClosed,
            rises: true,
            reason: "a conversation was closed after 4 hours",
        },
        Scene {
            before: closed(conversation(), 2, 4),
            after: with_parts(conversation(), vec![said(Contact, 5), reopened(1)]),
            cause: RecordCause::ConversationReopened,
            rises: false,
            reason: "a conversation was reopened",
        },
        Scene {
            before: changed(conversation(), 720),
            after: changed(conversation(), 0),
            cause: RecordCause::ConversationAssigned,
            rises: true,
            reason: "a conversation was assigned",
        },
        Scene {
            before: spoken(vec![said(Admin, 240)], 240),
            after: spoken(vec![said(Admin, 240), said(Contact, 0)], 0),
            cause: ConversationPartCreated,
            rises: true,
            reason: "the customer answered",
        },
        Scene {
            before: spoken(vec![said(Contact, 240)], 240),
            after: spoken(vec![said(Contact, 240), said(Admin, 0)], 0),
            cause: ConversationPartCreated,
            rises: true,
            reason: "an agent replied",
        },
    ]
}

#[tokio::test]
async fn what_happens_to_a_conversation_moves_the_score_at_once_and_is_the_reason() {
    let house = House::open().await;
    let mirror = house.mirror();
    let customer = mirror.customer("ada");
    house
        .send(&mirror.contact_told(1, mirror.contact("ada")))
        .await;
    for (revision, scene) in (1..).zip(scenes(&mirror)) {
        house
            .send(&mirror.conversation_told(revision * 2, scene.before))
            .await;
        let before = house.points(customer).await;
        let mut moves = house.moves().await;
        let happened = mirror.conversation_told(revision * 2 + 1, scene.after);
        house.send(&because(scene.cause, happened)).await;
        let told = moves.next().await;
        assert_eq!(told.reason, scene.reason);
        assert_eq!(told.points > before, scene.rises, "{}", scene.reason);
        let score = house.score(customer).await.unwrap();
        assert_eq!((score.points, score.revision), (told.points, told.revision));
        let cause = cause_of_the_last_move(&house).await;
        assert!(cause.is_some(), "{}", scene.reason);
    }
    house.close().await;
}

#[tokio::test]
async fn several_that_are_closed_in_one_moment_are_told_together() {
    let house = House::open().await;
    let mirror = house.mirror();
    house
        .send(&mirror.contact_told(1, mirror.contact("ada")))
        .await;
    let named = |name| mirror.conversation(name, "ada");
    for name in ["c1", "c2"] {
        house.send(&mirror.conversation_told(2, named(name))).await;
    }
    let mut moves = house.moves().await;
    let both = ["c1", "c2"].map(|name| {
        let record = harken_contracts::wire::events::v1::record_change::Record::Conversation;
        (3, record(closed(named(name), 1, 4)))
    });
    let event = mirror.told(both.to_vec());
    house
        .send(&because(RecordCause::ConversationClosed, event))
        .await;
    assert_eq!(moves.next().await.reason, "2 conversations were closed");
    house.close().await;
}

async fn levels(house: &House) -> CountLevelsResponse {
    let counted = house
        .client()
        .count_levels(CountLevelsRequest::default())
        .await;
    counted.unwrap().into_inner()
}

async fn listed(house: &House) -> Vec<String> {
    let listed = house
        .client()
        .list_scores(ListScoresRequest::default())
        .await;
    let scores = listed.unwrap().into_inner().scores;
    scores.into_iter().map(|score| score.external_id).collect()
}

#[tokio::test]
async fn a_deleted_contact_leaves_lists_and_counts_and_its_history_says_why() {
    let house = House::open().await;
    let mirror = house.mirror();
    for name in ["ada", "bob"] {
        house
            .send(&mirror.contact_told(1, mirror.contact(name)))
            .await;
        let conversation = mirror.conversation(&format!("c-{name}"), name);
        house.send(&mirror.conversation_told(2, conversation)).await;
    }
    assert_eq!(levels(&house).await.healthy, 2);
    let mut moves = house.moves().await;
    let gone = mirror.gone_told(3, "contact", "bob");
    house
        .send(&because(RecordCause::ContactDeleted, gone))
        .await;
    let told = moves.next().await;
    assert_eq!((told.points, told.previous_points), (None, Some(92)));
    assert_eq!(told.reason, "the contact was deleted");
    assert_eq!(listed(&house).await, ["ada"]);
    assert_eq!(levels(&house).await.healthy, 1);
    let cause = cause_of_the_last_move(&house).await;
    assert_eq!(cause.as_deref(), Some("contact.deleted"));
    house.close().await;
}

#[tokio::test]
async fn a_merge_takes_conversations_along_in_either_order() {
    for merged_first in [false, true] {
        let house = House::open().await;
        let mirror = house.mirror();
        for name in ["ada", "bob"] {
            house
                .send(&mirror.contact_told(1, mirror.contact(name)))
                .await;
        }
        house
            .send(&mirror.conversation_told(2, mirror.conversation("c1", "bob")))
            .await;
        assert_eq!(house.points(mirror.customer("bob")).await, Some(92));
        let moved = mirror.conversation_told(3, mirror.conversation("c1", "ada"));
        let absorbed = mirror.gone_told(4, "contact", "bob");
        let mut events = [
            because(RecordCause::ConversationUpdated, moved),
            because(RecordCause::ContactDeleted, absorbed),
        ];
        if merged_first {
            events.reverse();
        }
        for event in &events {
            house.send(event).await;
        }
        assert!(house.is_unknown(mirror.customer("bob")).await);
        assert_eq!(house.points(mirror.customer("ada")).await, Some(92));
        assert_eq!(listed(&house).await, ["ada"]);
        house.close().await;
    }
}

#[tokio::test]
async fn a_contact_who_becomes_a_customer_brings_its_earlier_conversations() {
    let house = House::open().await;
    let mirror = house.mirror();
    let lead = ContactRecord {
        is_customer: false,
        email: None,
        ..mirror.contact("eve")
    };
    house.send(&mirror.contact_told(1, lead)).await;
    house
        .send(&mirror.conversation_told(2, mirror.conversation("c1", "eve")))
        .await;
    assert!(house.is_unknown(mirror.customer("eve")).await);
    let told = mirror.contact_told(3, mirror.contact("eve"));
    house
        .send(&because(RecordCause::ContactUpdated, told))
        .await;
    assert_eq!(house.points(mirror.customer("eve")).await, Some(92));
    house.close().await;
}
