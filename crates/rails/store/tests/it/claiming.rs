use chrono::TimeDelta;
use harken_store::inbox;
use harken_testkit::Database;

use crate::house::tally;

fn ids(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn a_message_is_first_once_per_consumer() {
    let database = Database::create(tally()).await;
    let store = database.store().await;
    let mut tx = store.begin().await.unwrap();
    let first = inbox::claim(&mut tx, "a", &ids(&["x", "y", "x"]))
        .await
        .unwrap();
    assert_eq!(first, [true, true, false]);
    tx.commit().await.unwrap();

    let mut tx = store.begin().await.unwrap();
    let again = inbox::claim(&mut tx, "a", &ids(&["z", "y", "x"]))
        .await
        .unwrap();
    assert_eq!(again, [true, false, false]);
    assert_eq!(
        inbox::claim(&mut tx, "b", &ids(&["x"])).await.unwrap(),
        [true]
    );
    assert!(!inbox::claim_one(&mut tx, "a", "x").await.unwrap());
    assert!(inbox::claim_one(&mut tx, "a", "w").await.unwrap());
}

#[tokio::test]
async fn a_claim_goes_back_with_its_transaction() {
    let database = Database::create(tally()).await;
    let store = database.store().await;
    let mut tx = store.begin().await.unwrap();
    assert!(inbox::claim_one(&mut tx, "a", "x").await.unwrap());
    tx.rollback().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(inbox::claim_one(&mut tx, "a", "x").await.unwrap());
}

#[tokio::test]
async fn of_two_that_claim_at_once_one_is_first() {
    let database = Database::create(tally()).await;
    let store = database.store().await;
    let names: Vec<_> = (0..100).map(|number| format!("m{number}")).collect();
    let mut backwards = names.clone();
    backwards.reverse();
    let claim = async |names: Vec<String>| {
        let mut tx = store.begin().await.unwrap();
        let first = inbox::claim(&mut tx, "a", &names).await.unwrap();
        tx.commit().await.unwrap();
        first.into_iter().filter(|first| *first).count()
    };
    let (one, two) = tokio::join!(claim(names), claim(backwards));
    assert_eq!(one + two, 100);
}

#[tokio::test]
async fn old_claims_are_forgotten_and_young_ones_kept() {
    let database = Database::create(tally()).await;
    let store = database.store().await;
    let mut connection = store.pool().acquire().await.unwrap();
    inbox::claim(&mut connection, "a", &ids(&["old", "young"]))
        .await
        .unwrap();
    sqlx::query(
        "UPDATE inbox SET claimed_at = now() - interval '33 days' WHERE message_id = 'old'",
    )
    .execute(&mut *connection)
    .await
    .unwrap();
    assert_eq!(
        inbox::forget(&mut connection, TimeDelta::days(32))
            .await
            .unwrap(),
        1
    );
    assert!(
        !inbox::claim_one(&mut connection, "a", "young")
            .await
            .unwrap()
    );
    assert!(inbox::claim_one(&mut connection, "a", "old").await.unwrap());
}
