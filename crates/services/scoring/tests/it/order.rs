//! The same records in any order, any number of times, end in the same state.

use harken_contracts::wire::events::v1::{AuthorKind, ContactRecord, RecordCause, RecordChanged};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::{
    harness::House,
    records::{Mirror, because, closed, reopened, said, with_parts},
};

/// Orders that are tried beside the natural one.
const ORDERS: usize = 8;

/// Events of a life.
const LIFE: usize = 20;

/// Two customers and a contact that is none, conversations that open, close, open again, change hands and go.
fn life(mirror: &Mirror) -> Vec<RecordChanged> {
    let first = |hours| mirror.conversation(&format!("first-{}", hours / 100), "ada");
    let second = || mirror.conversation("second", "bob");
    let talk = vec![said(AuthorKind::Contact, 50), said(AuthorKind::Admin, 40)];
    let lead = ContactRecord {
        is_customer: false,
        ..mirror.contact("lead")
    };
    vec![
        mirror.contact_told(1, mirror.contact("ada")),
        mirror.contact_told(2, mirror.contact("bob")),
        mirror.contact_told(3, lead),
        mirror.conversation_told(4, first(0)),
        mirror.conversation_told(5, closed(first(0), 30, 20)),
        mirror.conversation_told(6, with_parts(first(0), vec![reopened(10)])),
        mirror.conversation_told(7, with_parts(second(), talk)),
        mirror.conversation_told(8, mirror.conversation("second", "ada")),
        mirror.conversation_told(9, mirror.conversation("third", "lead")),
        mirror.contact_told(10, mirror.contact("lead")),
        mirror.gone_told(11, "conversation", "third"),
        mirror.gone_told(12, "contact", "bob"),
        mirror.conversation_told(13, closed(mirror.conversation("fourth", "bob"), 9, 3)),
        mirror.contact_told(
            14,
            ContactRecord {
                name: None,
                ..mirror.contact("ada")
            },
        ),
        // A merge: `dan` is absorbed by `cleo`, and so are its conversations.
        mirror.contact_told(15, mirror.contact("cleo")),
        mirror.contact_told(16, mirror.contact("dan")),
        mirror.conversation_told(17, mirror.conversation("fifth", "dan")),
        because(
            RecordCause::ConversationUpdated,
            mirror.conversation_told(18, mirror.conversation("fifth", "cleo")),
        ),
        because(
            RecordCause::ContactDeleted,
            mirror.gone_told(19, "contact", "dan"),
        ),
        because(
            RecordCause::ConversationReopened,
            mirror.conversation_told(
                20,
                with_parts(mirror.conversation("fifth", "cleo"), vec![reopened(1)]),
            ),
        ),
    ]
}

/// All that is known at the end, but for the counters that say how often something changed on the way.
async fn state(house: &House) -> Vec<String> {
    let mut state = Vec::new();
    for table in [
        "SELECT to_jsonb(t)::text FROM scoring.customers AS t ORDER BY customer_id",
        "SELECT to_jsonb(t)::text FROM scoring.conversation_signals AS t ORDER BY conversation_id",
        "SELECT to_jsonb(t)::text FROM scoring.conversation_customers AS t
         ORDER BY customer_id, conversation_id",
        "SELECT (to_jsonb(t) - 'revision')::text FROM scoring.scores AS t ORDER BY customer_id",
    ] {
        let rows: Vec<String> = sqlx::query_scalar(table)
            .fetch_all(&mut house.owner().await)
            .await
            .unwrap();
        assert!(!rows.is_empty(), "{table}");
        state.extend(rows);
    }
    state
}

async fn state_after(order: &[usize]) -> Vec<String> {
    let house = House::open().await;
    let life = life(&house.mirror());
    assert_eq!(life.len(), LIFE);
    let mut ids = Vec::new();
    for index in order {
        ids.push(house.publish(&life[*index]).await);
    }
    for id in ids {
        house.taken(&id).await;
    }
    let state = state(&house).await;
    house.close().await;
    state
}

#[tokio::test]
async fn records_in_any_order_and_repeated_end_in_the_same_state() {
    let natural: Vec<_> = (0..LIFE).collect();
    let expected = state_after(&natural).await;
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let twice: Vec<_> = natural.iter().chain(&natural).copied().collect();
    for _ in 0..ORDERS {
        let order = Just(twice.clone())
            .prop_shuffle()
            .new_tree(&mut runner)
            .unwrap()
            .current();
        assert_eq!(state_after(&order).await, expected, "{order:?}");
    }
}
