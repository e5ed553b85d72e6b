//! Order does not matter where repairs go on in between, either: Intercom's own answers are one more thing that is seen.

use std::time::Duration;

use bytes::Bytes;
use harken_domain::{Clock, ConnectionId};
use harken_intercom::Response;
use serde_json::{Value, json};

use super::{
    life::{a_life, conversation},
    notifications::{Told, contact, part, told},
    orders::{mirror_but, shuffled},
};
use crate::harness::{Constant, House, story};

/// Orders that are tried, as many at once as the bus of a test may hold.
const ORDERS: u64 = 100;
const AT_ONCE: usize = 20;
/// Each order comes in as many pieces, so that repairs fall between them.
const PIECES: usize = 4;

/// What differs by how the mirror came to know, and by nothing else.
const HOW: &[&str] = &["told_at", "origin"];

fn answer(status: u16, body: &Value) -> Response {
    Response {
        status,
        request_id: None,
        canonical_link: None,
        budget_remaining: None,
        budget_limit: None,
        waited_ms: 0,
        body: Bytes::from(body.to_string()),
    }
}

fn missing() -> Response {
    let errors = json!([{"code": "not_found", "message": "not found"}]);
    answer(404, &json!({"type": "error.list", "errors": errors}))
}

/// The end of the life, as Intercom tells it whenever it is asked.
fn truth() -> Constant {
    let mut redacted = part("72", "comment", 1200, "open", Some(""));
    redacted["redacted"] = json!(true);
    redacted["updated_at"] = json!(1900);
    let parts = vec![
        part("71", "comment", 1100, "open", Some("Hello, I am a bot")),
        redacted,
        part("73", "close", 1300, "closed", None),
        part("74", "open", 1400, "open", Some("Still broken")),
        part("75", "snoozed", 1400, "snoozed", None),
        part(
            "76",
            "comment",
            1500,
            "open",
            Some("Nobody told of this one"),
        ),
    ];
    let mut talk = conversation("closed", 1900, 7, parts).item();
    talk["contacts"]["contacts"][0]["id"] = json!("user");
    let found = json!({"type": "conversation.list", "conversations": [talk.clone()], "total_count": 1,
        "pages": {"type": "pages", "page": 1, "per_page": 150, "total_pages": 1}});
    let user = contact("user", Some("dw@example.com"), "Dana W", 1870);
    let company = json!({"type": "company", "id": "o", "name": "New", "updated_at": 1_768_031_791,
        "plan": {"name": "Pro"}, "size": 7});
    let errors = json!([{"code": "contact_merged", "message": "merged"}]);
    let merged = Response {
        canonical_link: Some("/contacts/user".to_owned()),
        ..answer(410, &json!({"type": "error.list", "errors": errors}))
    };
    [
        ("/conversations/700", answer(200, &talk)),
        ("/conversations/search", answer(200, &found)),
        ("/conversations/900", missing()),
        ("/contacts/user", answer(200, &user)),
        ("/contacts/lead", merged),
        ("/contacts/other", missing()),
        ("/companies/o", answer(200, &company)),
    ]
    .map(|(path, answer)| (path.to_owned(), answer))
    .into()
}

/// The life, and notifications of ids alone.
fn a_life_with_gaps() -> Vec<Told> {
    let mut life = a_life();
    for (id, topic, item) in [
        ("g1", "conversation.read", json!({"id": "700"})),
        ("g2", "contact.user.updated", json!({"id": "lead"})),
        ("g3", "conversation.user.replied", json!({"id": "900"})),
    ] {
        life.push(Told {
            ids_only: true,
            ..told(id, topic, 1000, &item)
        });
    }
    life
}

#[tokio::test(flavor = "multi_thread")]
async fn repairs_at_any_moment_between_end_in_the_same_mirror() {
    let house = House::open(story(0, 0)).await;
    house.vault.answer(truth());
    let process = house.start().await;
    let life = a_life_with_gaps();
    let mut expected = 0;
    let mut first = None;
    let all: Vec<u64> = (1..=ORDERS).collect();
    for some in all.chunks(AT_ONCE) {
        let mut orders = Vec::new();
        for order in some {
            let connection = ConnectionId::generate(&Clock::system());
            house.open_as(connection, false).await;
            orders.push((connection, shuffled(&life, *order)));
        }
        for (connection, _) in &orders {
            house.known(*connection).await;
        }
        for piece in 0..PIECES {
            let mut messages = Vec::new();
            for (connection, told) in &orders {
                let size = told.len().div_ceil(PIECES);
                for (place, one) in told.iter().skip(piece * size).take(size) {
                    let message_id = format!("{connection}:{place}");
                    messages.push(one.message(message_id, house.organization, *connection));
                }
            }
            expected += messages.len();
            house.publish_in_turn(messages).await;
            house.taken(expected).await;
        }
        house.repaired_within(Duration::from_mins(1)).await;
        for (order, (connection, _)) in some.iter().zip(orders) {
            let mirror = mirror_but(&house, connection, HOW).await;
            let first = first.get_or_insert_with(|| mirror.clone());
            assert_eq!(*first, mirror, "order {order} ends differently");
            house.bus.purge(connection).await.unwrap();
        }
    }
    let mirror = first.unwrap_or_default();
    assert!(mirror.contains("Nobody told of this one"), "{mirror}");
    assert!(!mirror.contains("a secret") && !mirror.contains("d@example.com"));
    assert!(house.vault.calls() > 0);
    process.stop().await;
}
