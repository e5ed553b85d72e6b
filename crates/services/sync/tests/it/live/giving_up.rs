use harken_bus::headers;
use harken_contracts::{subjects, wire::sync::v1::NotificationOutcome as Outcome};
use serde_json::json;

use super::notifications::{Told, contact, told};
use crate::harness::{House, story};

impl House {
    /// Buries a notification as the bus does when sync panics over it, hangs, or never answers.
    async fn bury(&self, one: &Told, consumer: &str) {
        let message_id = format!("dead.{consumer}.{}", one.id);
        let mut letter = one.message(message_id, self.organization, self.connection);
        letter.subject = subjects::dead("sync", "panic", self.connection);
        let consumer = (headers::DEAD_CONSUMER.to_owned(), consumer.to_owned());
        letter.headers.push(consumer);
        self.bus.publish(letter).await.expect("the bus stores it");
    }
}

#[tokio::test]
async fn what_the_bus_gave_up_is_traced_and_its_record_fetched_and_a_replay_has_its_chance() {
    let house = House::open(story(0, 0)).await;
    house.vault.away(true);
    let process = house.start().await;
    house.connect().await;
    house.known(house.connection).await;
    let dana = contact("dana", Some("dana@example.com"), "Dana", 900);
    let poison = told("poison", "contact.user.created", 900, &dana);
    let unreadable = Told {
        id: "no-json".to_owned(),
        body: b"{".to_vec(),
        ..poison.clone()
    };
    let of_another = Told {
        id: "another".to_owned(),
        ..poison.clone()
    };
    house.bury(&of_another, "sync-dead").await;
    house.bury(&poison, "sync-webhooks").await;
    house.bury(&unreadable, "sync-webhooks").await;
    house.taken(2).await;
    let ids = ["poison", "no-json", "another"];
    let outcomes = house.outcomes(&process, &ids).await;
    let expected = [Outcome::Dead, Outcome::Dead, Outcome::Unspecified];
    assert_eq!(outcomes, expected);
    let wanted: Vec<(String, String)> =
        sqlx::query_as("SELECT kind, external_id FROM sync.repairs")
            .fetch_all(&house.pool)
            .await
            .unwrap();
    assert_eq!(wanted, [("contact".to_owned(), "dana".to_owned())]);
    house.tell(&[poison]).await;
    house.taken(3).await;
    let outcomes = house.outcomes(&process, &["poison"]).await;
    assert_eq!(outcomes, [Outcome::Applied]);
    process.stop().await;
}

#[tokio::test]
async fn a_refused_notification_is_not_claimed_and_asks_for_its_record() {
    let house = House::open(story(0, 0)).await;
    house.vault.away(true);
    let process = house.start().await;
    house.connect().await;
    house.known(house.connection).await;
    let nameless = told("nameless", "conversation.read", 1, &json!({"body": "x"}));
    let mut bodiless = told("bodiless", "conversation.read", 1, &json!({"id": "7"}));
    bodiless.body = br#"{"app_id": "w", "topic": "conversation.read", "id": "bodiless",
        "data": {"item": {"id": "7", "conversation_parts": [[[1]]], "source": 7, "tags": {"tags": [[]]}}}}"#
        .to_vec();
    house.tell(&[nameless, bodiless]).await;
    house.taken(2).await;
    let outcomes = house.outcomes(&process, &["nameless", "bodiless"]).await;
    assert_eq!(outcomes[0], Outcome::Dead);
    let claimed: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM sync.inbox WHERE consumer = 'sync-webhooks' AND message_id LIKE '%nameless'",
    )
    .fetch_one(&house.pool)
    .await
    .unwrap();
    assert_eq!(claimed, 0);
    process.stop().await;
}
