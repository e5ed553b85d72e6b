use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Played, condition, config, ids};

async fn churn(played: &Played, per_second: u32, seed: u64) -> Value {
    let wish = json!({ "workspace": "demo", "per_second": per_second, "seed": seed });
    let request = played.request(Method::PUT, "/_simulator/churn").json(&wish);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.unwrap()
}

async fn after_changes(played: &Played, changes: u64) -> Value {
    loop {
        let churned = played.get("/_simulator/churn").await;
        if churned["changes"].as_u64().unwrap() >= changes {
            return churned;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn churn_makes_changes_of_every_kind_and_ends_when_asked_to() {
    let played = Played::start(config()).await;
    churn(&played, 1000, 7).await;
    after_changes(&played, 1500).await;
    let churned = churn(&played, 0, 7).await;
    let kinds = churned["kinds"].as_object().unwrap();
    for kind in [
        "assigned",
        "attribute changed",
        "closed",
        "company attached or detached",
        "company renamed",
        "contact added",
        "contact archived",
        "contact deleted",
        "contact edited",
        "contact tagged or untagged",
        "contact unarchived",
        "conversation begun",
        "conversation deleted",
        "customer replied",
        "lead merged",
        "lead signed up",
        "participant added",
        "rated",
        "redacted",
        "reopened",
        "snoozed",
        "stranger wrote",
        "tagged or untagged",
        "teammate replied",
        "title changed",
        "unsnoozed",
    ] {
        assert!(kinds.contains_key(kind), "{kind}: {kinds:?}");
    }
    let total: u64 = kinds.values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(churned["changes"], total);
    let still = played.get("/_simulator/churn").await;
    assert_eq!(still["changes"], total);
}

#[tokio::test]
async fn what_is_gone_is_told_and_in_no_list_any_more() {
    let played = Played::start(config()).await;
    churn(&played, 1000, 3).await;
    after_changes(&played, 600).await;
    churn(&played, 0, 3).await;
    let gone = played.get("/_simulator/truth/demo/gone").await;
    let gone: BTreeSet<&str> = ids(gone.as_array().unwrap()).into_iter().collect();
    assert!(!gone.is_empty());
    for what in ["contacts", "conversations"] {
        let listed = played.truth(what).await;
        let listed: BTreeSet<&str> = ids(&listed).into_iter().collect();
        assert!(gone.is_disjoint(&listed), "{what}");
        let found = played
            .search(what, condition("created_at", ">", 0), 150)
            .await;
        let found: BTreeSet<&str> = ids(&found).into_iter().collect();
        assert_eq!(found, listed, "{what}");
    }
}

#[tokio::test]
async fn a_title_or_an_attribute_moves_a_conversation_and_the_truth_tells_it() {
    let played = Played::start(config()).await;
    churn(&played, 1000, 5).await;
    let churned = after_changes(&played, 800).await;
    churn(&played, 0, 5).await;
    assert!(churned["kinds"]["title changed"].as_u64() > Some(0));
    for line in played.truth("conversations").await {
        let id = line["id"].as_str().unwrap();
        let read = played.get(&format!("/conversations/{id}")).await;
        assert_eq!(read["title"], line["title"]);
        assert_eq!(read["updated_at"], line["updated_at"]);
        let parts = read["conversation_parts"]["conversation_parts"].as_array();
        assert_eq!(json!(ids(parts.unwrap())), line["part_ids"]);
    }
}

#[tokio::test]
async fn a_new_contact_is_readable_at_once_and_searchable_only_later() {
    let config = harken_simulator::Config {
        search_lag_secs: 120,
        ..config()
    };
    let played = Played::start(config).await;
    let before = played.truth("contacts").await.len();
    played.pass_secs(1);
    let made = json!({ "name": "Late", "email": "late@new.example" });
    let made = played
        .post("/_simulator/story/demo/contacts", &made)
        .await
        .json::<Value>()
        .await
        .unwrap();
    let id = made["id"].as_str().unwrap();
    assert_eq!(played.get(&format!("/contacts/{id}")).await["id"], id);
    let by_email = condition("email", "=", "late@new.example");
    let found = played.post("/contacts/search", &by_email).await;
    let found: Value = found.json().await.unwrap();
    assert_eq!(found["data"], json!([]));
    played.pass_secs(120);
    assert_eq!(played.search("contacts", by_email, 50).await.len(), 1);
    assert_eq!(played.truth("contacts").await.len(), before + 1);
}
