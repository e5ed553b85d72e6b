use harken_domain::{Clock, ConnectionId};

use super::{
    life::a_life,
    notifications::Told,
    orders::{mirror, shuffled},
};
use crate::harness::{House, Process, story};

/// What waited for a lock in a circle, as Postgres counts it.
async fn deadlocks(house: &House) -> i64 {
    sqlx::query_scalar("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        .fetch_one(&house.pool)
        .await
        .unwrap()
}

/// Tells the connection one order after the other, all at once.
async fn tell_orders(house: &House, connection: ConnectionId, told: &[Told], orders: u64) -> usize {
    let mut messages = Vec::new();
    for order in 1..=orders {
        for (place, one) in shuffled(told, order) {
            let message_id = format!("{connection}:{order}:{place}");
            messages.push(one.message(message_id, house.organization, connection));
        }
    }
    let count = messages.len();
    house.publish_in_turn(messages).await;
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_at_one_connection_end_as_one_does() {
    let house = House::open(story(0, 0)).await;
    let alone = ConnectionId::generate(&Clock::system());
    let shared = ConnectionId::generate(&Clock::system());
    for connection in [alone, shared] {
        house.open_as(connection, true).await;
    }
    let life = a_life();
    let first = house.start().await;
    house.known(alone).await;
    house.known(shared).await;
    let mut expected = tell_orders(&house, alone, &life, 4).await;
    house.taken(expected).await;
    let second: Process = house.start().await;
    expected += tell_orders(&house, shared, &life, 60).await;
    house.taken(expected).await;
    assert_eq!(mirror(&house, alone).await, mirror(&house, shared).await);
    assert_eq!(deadlocks(&house).await, 0);
    first.stop().await;
    second.stop().await;
}
