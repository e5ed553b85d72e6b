//! Order and repetition do not matter: every order of the same notifications ends in the same mirror.

use harken_domain::{Clock, ConnectionId};

use super::samples::samples;
use super::{life::a_life, notifications::Told};
use crate::harness::{House, story};

/// What a mirror holds, but for what differs from connection to connection and what only keeps the books.
pub(super) async fn mirror(house: &House, connection: ConnectionId) -> String {
    mirror_but(house, connection, &[]).await
}

/// The same without these columns.
pub(super) async fn mirror_but(
    house: &House,
    connection: ConnectionId,
    left_out: &[&str],
) -> String {
    let tables = [
        ("contacts", "customer_id"),
        ("companies", "changed_by"),
        ("conversations", "conversation_id"),
        ("parts", ""),
        ("contact_aliases", ""),
        ("tombstones", "buried_at"),
        ("archivals", ""),
        ("unknown_topics", "last_received_at"),
    ];
    let mut mirror = String::new();
    for (table, own) in tables {
        let customers = if table == "conversations" {
            ", ARRAY(SELECT c.external_id FROM sync.contacts c WHERE c.customer_id = ANY (t.customer_ids) ORDER BY 1) AS who"
        } else {
            ""
        };
        let query = format!(
            "SELECT coalesce(string_agg(row, E'\\n' ORDER BY row), '') FROM (
                 SELECT (to_jsonb(t) - 'connection_id' - 'revision' - 'mirrored_at' - 'customer_ids' - 'count' - '{own}' - $2::text[])::text
                        AS row
                 FROM (SELECT *{customers} FROM sync.{table} AS t WHERE connection_id = $1) AS t) AS rows"
        );
        let rows: String = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(connection.as_uuid())
            .bind(left_out)
            .fetch_one(&house.pool)
            .await
            .unwrap();
        mirror.push_str(table);
        mirror.push('\n');
        mirror.push_str(&rows);
        mirror.push('\n');
    }
    mirror
}

/// A small generator, so that a failure can be told by its number.
pub(super) struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }
}

/// The notifications in an order of their own, some of them more than once.
pub(super) fn shuffled(told: &[Told], order: u64) -> Vec<(usize, &Told)> {
    let mut dice = Dice(order.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut all: Vec<&Told> = told.iter().collect();
    for _ in 0..told.len() / 3 {
        all.push(&told[dice.below(told.len())]);
    }
    for place in (1..all.len()).rev() {
        all.swap(place, dice.below(place + 1));
    }
    all.into_iter().enumerate().collect()
}

/// Tells every order to a connection of its own, all at once, so that batches are cut anyhow.
async fn every_order_ends_the_same(told: &[Told], orders: u64) -> String {
    let house = House::open(story(0, 0)).await;
    let process = house.start().await;
    let mut expected = 0;
    let mut first = None;
    let all: Vec<u64> = (1..=orders).collect();
    // As many at once as the bus of a test may hold.
    for some in all.chunks(20) {
        let connections: Vec<ConnectionId> = some
            .iter()
            .map(|_| ConnectionId::generate(&Clock::system()))
            .collect();
        let mut messages = Vec::new();
        for (order, connection) in some.iter().zip(&connections) {
            house.open_as(*connection, true).await;
            for (place, one) in shuffled(told, *order) {
                // Each has a message id of its own: what is the same is told by the fold, not by the bus.
                let message_id = format!("{connection}:{place}");
                messages.push(one.message(message_id, house.organization, *connection));
            }
        }
        for connection in &connections {
            house.known(*connection).await;
        }
        expected += messages.len();
        house.publish_in_turn(messages).await;
        house.taken(expected).await;
        for (order, connection) in some.iter().zip(connections) {
            let mirror = mirror(&house, connection).await;
            let first = first.get_or_insert_with(|| mirror.clone());
            assert_eq!(*first, mirror, "order {order} ends differently");
            house.bus.purge(connection).await.unwrap();
        }
    }
    process.stop().await;
    first.unwrap_or_default()
}

#[tokio::test]
async fn every_order_of_a_life_ends_in_the_same_mirror() {
    let mirror = every_order_ends_the_same(&a_life(), 40).await;
    assert!(
        !mirror.contains("a secret"),
        "what was redacted is still there"
    );
    assert!(mirror.contains(r#""who": ["user"]"#), "{mirror}");
    assert!(
        !mirror.contains("o@example.com") && !mirror.contains("d@example.com"),
        "{mirror}"
    );
    assert_eq!(
        mirror.matches("\"external_id\": \"71\"").count(),
        1,
        "a bot's comment is one part"
    );
    assert!(mirror.contains(r#""status": "closed""#) && !mirror.contains("\"900\", \"status\""));
}

#[tokio::test]
async fn two_hundred_orders_of_the_samples_end_in_the_same_mirror() {
    let Some(mut samples) = samples() else { return };
    // The one that is no notification.
    samples.remove("app-uninstalled.json");
    let samples: Vec<Told> = samples.into_values().collect();
    every_order_ends_the_same(&samples, 200).await;
}
