//! Order and repetition do not matter: every order of the same notifications ends in the same mirror.

use harken_domain::{Clock, ConnectionId};
use serde_json::{Value, json};

use super::notifications::{Conversation, Told, contact, part, told};
use super::samples::samples;
use crate::harness::{House, story};

/// What a mirror holds, but for what differs from connection to connection and what only keeps the books.
pub(super) async fn mirror(house: &House, connection: ConnectionId) -> String {
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
                 SELECT (to_jsonb(t) - 'connection_id' - 'revision' - 'mirrored_at' - 'customer_ids' - 'count' - '{own}')::text
                        AS row
                 FROM (SELECT *{customers} FROM sync.{table} AS t WHERE connection_id = $1) AS t) AS rows"
        );
        let rows: String = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(connection.as_uuid())
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
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }
}

/// The notifications in an order of their own, some of them more than once.
fn shuffled(told: &[Told], order: u64) -> Vec<(usize, &Told)> {
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

fn conversation(state: &str, updated_at: i64, counted: u32, parts: Vec<Value>) -> Conversation<'_> {
    Conversation {
        id: "700",
        contact: "lead",
        state,
        updated_at,
        counted,
        parts,
        is_old_form: updated_at % 2 == 1,
    }
}

/// The life of a conversation and of those in it, with everything that makes order matter.
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_life() -> Vec<Told> {
    let talk =
        |id: &str, topic: &str, at: i64, talk: &Conversation<'_>| told(id, topic, at, &talk.item());
    let mut redacted = part(
        "72",
        "comment",
        1200,
        "open",
        Some("This message was deleted"),
    );
    redacted["redacted"] = json!(true);
    redacted["updated_at"] = json!(1900);
    let mut merged = contact("user", Some("dana@example.com"), "Dana", 1700);
    merged["merged_from"] = json!({"type": "contact", "id": "lead"});
    let mut gone = conversation(
        "open",
        1100,
        2,
        vec![part("91", "comment", 1100, "open", Some("bye"))],
    );
    gone.id = "900";
    let bot = vec![part(
        "71",
        "comment",
        1100,
        "open",
        Some("Hello, I am a bot"),
    )];
    vec![
        told(
            "n1",
            "contact.lead.created",
            900,
            &contact("lead", None, "Visitor", 900),
        ),
        talk(
            "n2",
            "conversation.user.created",
            1000,
            &conversation("open", 1000, 1, vec![]),
        ),
        talk(
            "n3",
            "conversation.operator.replied",
            1100,
            &conversation("open", 1101, 2, bot.clone()),
        ),
        talk(
            "n4",
            "conversation.admin.replied",
            1100,
            &conversation("open", 1101, 2, bot),
        ),
        talk(
            "n5",
            "conversation.admin.replied",
            1200,
            &conversation(
                "open",
                1200,
                3,
                vec![part("72", "comment", 1200, "open", Some("a secret"))],
            ),
        ),
        talk(
            "n6",
            "conversation.admin.closed",
            1300,
            &conversation(
                "closed",
                1300,
                4,
                vec![part("73", "close", 1300, "closed", None)],
            ),
        ),
        talk(
            "n7",
            "conversation.user.replied",
            1400,
            &conversation(
                "open",
                1400,
                5,
                vec![part("74", "open", 1400, "open", Some("Still broken"))],
            ),
        ),
        // The same second as the one before, the same count, another content.
        talk(
            "n8",
            "conversation.admin.snoozed",
            1400,
            &conversation(
                "snoozed",
                1400,
                5,
                vec![part("75", "snoozed", 1400, "snoozed", None)],
            ),
        ),
        told(
            "n9",
            "contact.lead.added_email",
            1500,
            &contact("lead", Some("d@example.com"), "Visitor", 1500),
        ),
        told(
            "n10",
            "contact.user.created",
            1600,
            &contact("user", Some("dana@example.com"), "D", 1600),
        ),
        told("n11", "contact.merged", 1700, &merged),
        told(
            "n12",
            "contact.user.updated",
            1800,
            &contact("user", Some("dana@example.com"), "Dana W", 1800),
        ),
        told(
            "n13",
            "contact.email.updated",
            1800,
            &contact("user", Some("dw@example.com"), "Dana W", 1800),
        ),
        talk(
            "n14",
            "conversation_part.redacted",
            1900,
            &conversation("closed", 1900, 6, vec![redacted]),
        ),
        talk("n15", "conversation.admin.noted", 1150, &gone),
        told(
            "n16",
            "conversation.deleted",
            1500,
            &json!({"type": "conversation", "conversation_id": "900"}),
        ),
        told(
            "n17",
            "contact.user.created",
            800,
            &contact("other", Some("o@example.com"), "Other", 800),
        ),
        told(
            "n18",
            "contact.deleted",
            1850,
            &json!({"type": "contact", "id": "other", "deleted": true}),
        ),
        told(
            "n19",
            "contact.archived",
            1860,
            &json!({"type": "contact", "id": "user", "archived": true}),
        ),
        told(
            "n20",
            "contact.unarchived",
            1870,
            &contact("user", Some("dw@example.com"), "Dana W", 1870),
        ),
        told(
            "n21",
            "company.updated",
            1000,
            &json!({"type": "company", "id": "o", "name": "Old",
            "updated_at": "2026-01-10T07:56:29.000+00:00"}),
        ),
        told(
            "n22",
            "company.updated",
            1001,
            &json!({"type": "company", "id": "o", "name": "New",
            "updated_at": "2026-01-10T07:56:31.000Z"}),
        ),
        told("n23", "something.new", 1000, &json!({"id": "x"})),
        told("n24", "ticket.created", 1000, &json!({"id": "t"})),
    ]
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
