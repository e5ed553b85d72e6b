//! Connections of drills: they are scored like any other, and leave nothing behind.

use harken_contracts::wire::events::v1::{
    ConnectionClosed, ConnectionOpened, record_change::Record,
};
use harken_domain::ConnectionId;
use harken_testkit::eventually;

use crate::{harness::House, records::Mirror};

const TABLES: [&str; 5] = [
    "customers",
    "conversation_signals",
    "conversation_customers",
    "scores",
    "score_history",
];

fn drill(house: &House) -> Mirror {
    Mirror {
        organization: house.organization,
        connection: ConnectionId::derive(&[b"drill"]),
    }
}

fn opened(mirror: &Mirror, revision: i64) -> ConnectionOpened {
    ConnectionOpened {
        connection_id: mirror.connection.to_string(),
        organization_id: mirror.organization.to_string(),
        revision,
        is_synthetic: true,
        ..ConnectionOpened::default()
    }
}

fn ended(mirror: &Mirror, revision: i64) -> ConnectionClosed {
    ConnectionClosed {
        connection_id: mirror.connection.to_string(),
        organization_id: mirror.organization.to_string(),
        revision,
        is_synthetic: true,
        ..ConnectionClosed::default()
    }
}

async fn populate(house: &House, mirror: &Mirror, customers: usize) {
    let names: Vec<_> = (0..customers).map(|number| format!("n{number}")).collect();
    for names in names.chunks(256) {
        let contacts = names
            .iter()
            .map(|name| (1, Record::Contact(mirror.contact(name))));
        house.send(&mirror.told(contacts.collect())).await;
        let conversations = names.iter().map(|name| {
            let conversation = mirror.conversation(&format!("c-{name}"), name);
            (2, Record::Conversation(conversation))
        });
        house.send(&mirror.told(conversations.collect())).await;
    }
}

/// Rows of a connection in all tables.
async fn rows(house: &House, connection: ConnectionId) -> Vec<i64> {
    let mut db = house.owner().await;
    let mut rows = Vec::new();
    for table in TABLES {
        let statement = format!("SELECT count(*) FROM scoring.{table} WHERE connection_id = $1");
        let count = sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .bind(connection.as_uuid())
            .fetch_one(&mut db)
            .await;
        rows.push(count.unwrap());
    }
    rows
}

#[tokio::test]
async fn a_drill_that_ended_leaves_no_row_behind_however_large_and_touches_no_other() {
    let house = House::open().await;
    let (mirror, drill) = (house.mirror(), drill(&house));
    let message = house.publish(&opened(&drill, 1)).await;
    house.taken(&message).await;
    populate(&house, &mirror, 3).await;
    populate(&house, &drill, 2_300).await;
    assert_eq!(rows(&house, drill.connection).await, [2_300; 5]);

    let message = house.publish(&ended(&drill, 2)).await;
    house.taken(&message).await;
    erased(&house, drill.connection).await;
    assert_eq!(rows(&house, mirror.connection).await, [3; 5]);
    house.close().await;
}

#[tokio::test]
async fn what_comes_late_for_a_drill_that_ended_brings_nothing_back() {
    let house = House::open().await;
    let drill = drill(&house);
    // It ends before anything was heard of it.
    for message in [
        house.publish(&ended(&drill, 2)).await,
        house.publish(&opened(&drill, 1)).await,
    ] {
        house.taken(&message).await;
    }
    populate(&house, &drill, 3).await;
    assert_eq!(rows(&house, drill.connection).await, [0; 5]);
    house.close().await;
}

#[tokio::test]
async fn an_erasure_that_was_killed_halfway_goes_on_when_it_is_told_again() {
    let house = House::open().await;
    let drill = drill(&house);
    populate(&house, &drill, 3).await;
    // As a process leaves it that is killed between the first commit and the last.
    // At once, for who erases looks for what is left all the time.
    sqlx::raw_sql(
        "UPDATE scoring.connections SET is_synthetic = true, is_open = false, revision = 2;
         INSERT INTO scoring.erasures (connection_id, organization_id, revision)
         SELECT connection_id, organization_id, revision FROM scoring.connections;
         INSERT INTO scoring.erased_counts (connection_id, place, count)
         SELECT connection_id, 'scoring.customers', 7 FROM scoring.connections;",
    )
    .execute(&mut house.owner().await)
    .await
    .unwrap();
    erased(&house, drill.connection).await;
    let counted: i64 = sqlx::query_scalar(
        "SELECT count FROM scoring.erased_counts WHERE place = 'scoring.customers'",
    )
    .fetch_one(&mut house.owner().await)
    .await
    .unwrap();
    assert_eq!(counted, 10, "what was gone before is in the receipt");
    house.close().await;
}

async fn erased(house: &House, connection: ConnectionId) {
    eventually("everything is erased", async || {
        rows(house, connection).await == [0; 5]
    })
    .await;
}
