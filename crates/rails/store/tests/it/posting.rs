use harken_bus::MAX_PAYLOAD_BYTES;
use harken_contracts::wire::events::v1::RecordChanged;
use harken_store::outbox::{self, OutboxError};
use harken_testkit::Database;

use crate::house::{event, post, tally, waiting};

#[tokio::test]
async fn events_are_posted_with_their_transaction_or_not_at_all() {
    let database = Database::create(tally()).await;
    let store = database.store().await;
    let mut tx = store.begin().await.unwrap();
    outbox::post(&mut tx, &[event("acme")]).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(waiting(&store).await, 0);
    post(&store, &["acme".to_owned(), "bolt".to_owned()]).await;
    assert_eq!(waiting(&store).await, 2);
}

#[tokio::test]
async fn an_event_that_will_never_fit_or_cannot_be_addressed_is_refused_here() {
    let database = Database::create(tally()).await;
    let store = database.store().await;
    let mut tx = store.begin().await.unwrap();
    let large = event(&"x".repeat(MAX_PAYLOAD_BYTES));
    let refused = outbox::post(&mut tx, &[large]).await.unwrap_err();
    assert!(matches!(
        refused,
        OutboxError::TooLarge {
            event: "record.v1.changed",
            ..
        }
    ));
    let refused = outbox::post(&mut tx, &[RecordChanged::default()])
        .await
        .unwrap_err();
    assert!(matches!(refused, OutboxError::Address(_)), "{refused:?}");
    outbox::post::<RecordChanged>(&mut tx, &[]).await.unwrap();
}
