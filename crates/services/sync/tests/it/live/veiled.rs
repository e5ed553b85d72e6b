//! Connections that invited structure alone: what is told joins what is read, and nobody can be told by either.

use harken_contracts::{
    subjects,
    wire::{
        sync::v1::{GetSampleRequest, NotificationOutcome as Outcome, RunState},
        types::v1::DataPolicy,
    },
};
use serde_json::json;

use super::notifications::{Conversation, contact, part, told};
use crate::harness::{House, story};

impl House {
    /// What is kept and what was told, as text.
    async fn everything(&self) -> String {
        let mut all = self.dump().await;
        for subject in [subjects::all_records(), subjects::all_runs()] {
            for delivery in self.told(subject).await {
                all.push_str(&String::from_utf8_lossy(&delivery.payload));
            }
        }
        all
    }

    async fn texts(&self, query: &'static str) -> Vec<String> {
        sqlx::query_scalar(query)
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn a_workspace_is_mirrored_with_its_times_and_without_its_people() {
    let house = House::open(story(200, 300)).await;
    house.open_connection(DataPolicy::MetadataOnly, 1).await;
    let process = house.start().await;
    let run = house.ended(&process).await;
    let truth = house.truth().await;
    assert_ne!(run.state(), RunState::Failed, "{}", run.reason);

    let contacts = house
        .texts("SELECT external_id FROM sync.contacts WHERE is_customer")
        .await;
    assert_eq!(
        contacts.len(),
        truth.contacts.len(),
        "everybody is a customer"
    );
    assert!(contacts.iter().all(|id| id.starts_with("ps_")));
    let held: Vec<(String, i64)> = sqlx::query_as(
        "SELECT external_id, extract(epoch FROM updated_at)::bigint FROM sync.conversations",
    )
    .fetch_all(&house.pool)
    .await
    .unwrap();
    for (id, updated_at) in truth.times() {
        assert!(
            held.contains(&(id.to_owned(), updated_at)),
            "conversation {id}"
        );
    }
    for (what, query) in [
        (
            "texts",
            "SELECT body FROM sync.parts WHERE body IS NOT NULL",
        ),
        (
            "titles",
            "SELECT title FROM sync.conversations WHERE title IS NOT NULL",
        ),
        (
            "names",
            "SELECT name FROM sync.contacts WHERE name IS NOT NULL",
        ),
        (
            "attributes",
            "SELECT metadata::text FROM sync.contacts WHERE metadata <> '{}'",
        ),
        (
            "companies",
            "SELECT name FROM sync.companies WHERE name IS NOT NULL OR plan IS NOT NULL",
        ),
        (
            "teammates",
            "SELECT external_id FROM sync.admins WHERE name IS NOT NULL OR external_id NOT LIKE 'ps_%'",
        ),
        ("segments", "SELECT name FROM sync.segments"),
    ] {
        assert_eq!(house.texts(query).await, Vec::<String>::new(), "{what}");
    }
    let messages = house
        .texts("SELECT external_id FROM sync.parts WHERE is_visible_message")
        .await;
    assert!(!messages.is_empty(), "who spoke when is known all the same");
    let everything = house.everything().await;
    for personal in truth.people() {
        assert!(!everything.contains(personal), "{personal}");
    }

    let again = house.run_again(&process).await;
    let unchanged = again
        .counts
        .iter()
        .find(|count| count.kind == "conversations")
        .unwrap();
    assert_eq!(
        unchanged.written, 0,
        "the same answer again changes nothing: {unchanged:?}"
    );
    process.stop().await;
}

#[tokio::test]
async fn what_is_told_joins_what_is_known_by_pseudonym() {
    let house = House::open(story(0, 0)).await;
    house.open_connection(DataPolicy::MetadataOnly, 1).await;
    let process = house.start().await;
    house.known(house.connection).await;
    house.ended(&process).await;
    // What is told of is not there to be fetched.
    house.vault.away(true);
    let spoken = |id: &str, is_old_form| {
        let conversation = Conversation {
            id,
            contact: "5ba682d2",
            state: "open",
            updated_at: 1100,
            counted: 1,
            parts: vec![part("71", "comment", 1100, "open", Some("Hello from Dana"))],
            is_old_form,
        };
        conversation.item()
    };
    let (old, new) = (spoken("700", true), spoken("701", false));
    house
        .tell(&[
            told(
                "1",
                "contact.user.created",
                1000,
                &contact("5ba682d2", Some("dana@example.com"), "Dana", 1000),
            )
            .veiled(),
            told("2", "conversation.user.replied", 1100, &old).veiled(),
            told("3", "conversation.user.replied", 1100, &new).veiled(),
            told(
                "4",
                "contact.deleted",
                1200,
                &json!({"type": "contact", "id": "5ba682d9"}),
            )
            .veiled(),
        ])
        .await;
    house.taken(4).await;
    let outcomes = house.outcomes(&process, &["1", "2", "3", "4"]).await;
    assert_eq!(outcomes, [Outcome::Applied; 4]);
    let owners: Vec<i32> =
        sqlx::query_scalar("SELECT cardinality(customer_ids) FROM sync.conversations")
            .fetch_all(&house.pool)
            .await
            .unwrap();
    assert_eq!(owners, [1, 1]);
    let asked = house.vault.asked();
    assert!(
        asked
            .iter()
            .all(|path| path == "/contacts/search" || !path.starts_with("/contacts/")),
        "{asked:?}"
    );
    let everything = house.everything().await;
    for canary in [
        "Dana", "dana@", "Hello", "growth", "5ba682d2", "5ba682d9", "8210441", "Priya", "ext-",
    ] {
        assert!(!everything.contains(canary), "{canary}");
    }
    process.stop().await;
}

#[tokio::test]
async fn what_may_hold_more_than_structure_leaves_nothing() {
    let house = House::open(story(0, 0)).await;
    house.open_connection(DataPolicy::MetadataOnly, 1).await;
    let process = house.start().await;
    house.known(house.connection).await;
    let mut ids = told("1", "contact.deleted", 1100, &json!({"id": "5ba682d2"}));
    ids.ids_only = true;
    let whole = contact("5ba682d3", Some("dana@example.com"), "Dana", 1000);
    house
        .tell(&[ids, told("2", "contact.user.updated", 1100, &whole)])
        .await;
    house.taken(2).await;
    assert_eq!(
        house.outcomes(&process, &["1", "2"]).await,
        [Outcome::Ignored, Outcome::Ignored]
    );
    let everything = house.everything().await;
    for canary in ["5ba682d2", "5ba682d3", "dana", "Dana"] {
        assert!(!everything.contains(canary), "{canary}");
    }
    process.stop().await;
}

#[tokio::test]
async fn a_sample_shows_what_lies_in_the_tables_under_either_policy() {
    for (policy, names_people) in [(DataPolicy::Full, true), (DataPolicy::MetadataOnly, false)] {
        let house = House::open(story(20, 20)).await;
        house.open_connection(policy, 1).await;
        let process = house.start().await;
        house.ended(&process).await;
        let request = GetSampleRequest {
            connection_id: house.connection.to_string(),
        };
        let sample = house
            .runs(&process)
            .get_sample(request)
            .await
            .unwrap()
            .into_inner();
        let fields = |table: &str| {
            let record = sample.records.iter().find(|record| record.table == table);
            let record = record.unwrap_or_else(|| panic!("no {table}"));
            record
                .fields
                .iter()
                .map(|field| field.name.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(fields("contacts")[..2], ["connection_id", "external_id"]);
        assert_eq!(fields("admins").contains(&"email"), names_people);
        assert_eq!(
            sample
                .records
                .iter()
                .any(|record| record.table == "segments"),
            names_people
        );
        let longest = sample.records.iter().flat_map(|record| &record.fields);
        assert!(longest.map(|field| field.value.chars().count()).max() <= Some(200));
        process.stop().await;
    }
}
