use std::time::Duration;

use futures::future::{Either, select};
use harken_store::{Store, StoreConfig};
use harken_testkit::Database;
use tokio::task::yield_now;

use crate::house::tally;

/// Callers that go away, each a little later than the one before.
const CALLERS: usize = 200;

/// Goes away after so many turns of the scheduler.
async fn give_up_after(turns: usize) {
    for turn in 0..turns {
        if turn % 8 == 7 {
            tokio::time::sleep(Duration::from_micros(20)).await;
        }
        yield_now().await;
    }
}

#[tokio::test]
async fn a_transaction_that_nobody_waited_for_swallows_nothing() {
    let database = Database::create(tally()).await;
    let watcher = database.store().await;
    let store = Store::connect(StoreConfig {
        database_url: database.url(),
        schema: "tally",
        max_connections: 1,
    })
    .await
    .unwrap();
    let (mut given_up, mut came) = (0, 0);
    for caller in 0..CALLERS {
        let begin = Box::pin(store.begin());
        let going = Box::pin(give_up_after(caller % 50));
        match select(begin, going).await {
            Either::Left((tx, _)) => {
                drop(tx.unwrap());
                came += 1;
            }
            Either::Right(_) => given_up += 1,
        }
        // Without a transaction, so it is there for everybody at once.
        let id = i64::try_from(caller).unwrap();
        sqlx::query("INSERT INTO tally.effects (message_id) VALUES ($1)")
            .bind(id.to_string())
            .execute(store.pool())
            .await
            .unwrap();
        let seen: i64 = sqlx::query_scalar("SELECT count(*) FROM tally.effects")
            .fetch_one(watcher.pool())
            .await
            .unwrap();
        assert_eq!(seen, id + 1, "{given_up} gave up, {came} began");
    }
    assert!(given_up > 0 && came > 0, "{given_up} gave up, {came} began");
}
