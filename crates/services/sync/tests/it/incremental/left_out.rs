//! Conversations that are left out as nobody's, until somebody becomes a customer.

use harken_contracts::wire::sync::v1::Run;
use harken_testkit::eventually;
use serde_json::json;

use super::assert_complete;
use crate::{
    harness::{House, Process, count, story},
    live::notifications::told,
};

/// A workspace that has been imported, and leads that are no customers and whose conversations were left out.
struct Imported {
    house: House,
    process: Process,
    nobodies: Vec<String>,
}

impl Imported {
    async fn open() -> Self {
        let house = House::open(story(200, 300)).await;
        let process = house.start().await;
        house.connect().await;
        let run = house.ended(&process).await;
        let truth = house.truth().await;
        assert_eq!(left_out(&run), truth.strangers.len() as u64);
        let mut nobodies: Vec<String> = Vec::new();
        for conversation in &truth.strangers {
            let shown = house
                .intercom(&format!("conversations/{conversation}"))
                .await;
            for contact in shown["contacts"]["contacts"].as_array().unwrap() {
                let id = contact["id"].as_str().unwrap();
                let known = house.intercom(&format!("contacts/{id}")).await;
                if known["role"] == "lead" && !nobodies.iter().any(|it| it == id) {
                    nobodies.push(id.to_owned());
                }
            }
        }
        assert!(nobodies.len() > 3, "{nobodies:?}");
        Self {
            house,
            process,
            nobodies,
        }
    }

    async fn user(&self) -> String {
        sqlx::query_scalar(
            "SELECT external_id FROM sync.contacts WHERE is_customer AND contact_role = 'user' ORDER BY external_id LIMIT 1",
        )
        .fetch_one(&self.house.pool)
        .await
        .unwrap()
    }

    async fn gives_an_address(&self, contact: &str) {
        let update = json!({"what": "update", "email": format!("{contact}@example.com")});
        let order = format!("story/demo/contacts/{contact}");
        self.house.order(&order, update).await;
    }

    async fn holds_everything(&self) {
        self.house.repaired().await;
        let truth = self.house.truth().await;
        truth.assert_conversations_mirrored(&self.house).await;
    }
}

/// Conversations that a run left out as nobody's.
fn left_out(run: &Run) -> u64 {
    let skips = count(run, "conversations").skips.iter();
    let nobodys = skips.filter(|skip| skip.reason == "no_known_contact");
    nobodys.map(|skip| skip.count).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nobody_that_a_notification_makes_a_customer_brings_its_conversations_along() {
    let imported = Imported::open().await;
    let house = &imported.house;
    let topics = [
        "contact.lead.added_email",
        "contact.email.updated",
        "contact.lead.signed_up",
    ];
    for (topic, contact) in topics.into_iter().zip(&imported.nobodies) {
        let before = house.truth().await.strangers.len();
        imported.gives_an_address(contact).await;
        assert!(house.truth().await.strangers.len() < before);
        let item = house.intercom(&format!("contacts/{contact}")).await;
        let at = item["updated_at"].as_i64().unwrap();
        house.tell(&[told(topic, topic, at, &item)]).await;
        eventually("it is a customer", async || {
            let query = "SELECT is_customer FROM sync.contacts WHERE external_id = $1";
            let known = sqlx::query_scalar(query).bind(contact);
            known.fetch_one(&house.pool).await.unwrap()
        })
        .await;
        imported.holds_everything().await;
    }
    imported.process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nobody_that_is_absorbed_leaves_its_conversations_to_the_survivor() {
    let imported = Imported::open().await;
    let house = &imported.house;
    let (lead, user) = (&imported.nobodies[0], imported.user().await);
    let merge = json!({"what": "merge", "into": user});
    house
        .order(&format!("story/demo/contacts/{lead}"), merge)
        .await;
    let mut item = house.intercom(&format!("contacts/{user}")).await;
    item["merged_from"] = json!({"type": "contact", "id": lead});
    let at = item["updated_at"].as_i64().unwrap();
    house.tell(&[told("1", "contact.merged", at, &item)]).await;
    house.taken(1).await;
    imported.holds_everything().await;
    imported.process.stop().await;
}

/// Without notifications, whichever run finds it out.
#[tokio::test(flavor = "multi_thread")]
async fn runs_bring_the_conversations_of_new_customers_too() {
    let imported = Imported::open().await;
    let house = &imported.house;
    let (merged, addressed) = (&imported.nobodies[0], &imported.nobodies[1]);
    imported.gives_an_address(addressed).await;
    assert_complete(&house.catch_up(&imported.process).await);
    imported.holds_everything().await;
    let merge = json!({"what": "merge", "into": imported.user().await});
    house
        .order(&format!("story/demo/contacts/{merged}"), merge)
        .await;
    assert_complete(&house.run_again(&imported.process).await);
    imported.holds_everything().await;
    let again = house.run_again(&imported.process).await;
    let strangers = house.truth().await.strangers.len();
    assert_eq!(left_out(&again), strangers as u64);
    imported.process.stop().await;
}
