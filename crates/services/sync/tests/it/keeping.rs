//! What Intercom says beside what is read into columns.

use serde_json::{Value, json};

use crate::harness::{House, story};

/// Tables with what they hold beside their columns.
async fn extras(house: &House, table: &str) -> Vec<Option<Value>> {
    let query = format!("SELECT extra FROM sync.{table}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(query))
        .fetch_all(&house.pool)
        .await
        .unwrap()
}

fn each(list: &mut Value) -> &mut Vec<Value> {
    list.as_array_mut().expect("a list")
}

/// Gives every object of an answer a field that nobody knows.
fn with_news(path: &str, answer: &mut Value) {
    let news = json!({"deep": [1, "two", null], "words": "caf\u{e9}"});
    match path {
        "/contacts" | "/companies/scroll" => {
            for one in each(&mut answer["data"]) {
                one["brand_new"] = news.clone();
            }
        }
        path if path.starts_with("/conversations/") && answer["source"].is_object() => {
            answer["brand_new"] = news.clone();
            answer["source"]["brand_new"] = news.clone();
            answer["statistics"]["brand_new"] = news.clone();
            for part in each(&mut answer["conversation_parts"]["conversation_parts"]) {
                part["brand_new"] = news.clone();
            }
        }
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_field_of_each_object_survives() {
    let house = House::open(story(60, 60)).await;
    house.vault.mend(with_news);
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    let news = json!({"deep": [1, "two", null], "words": "caf\u{e9}"});
    for table in ["companies", "conversations"] {
        let held = extras(&house, table).await;
        assert!(!held.is_empty());
        for extra in held {
            let extra = extra.unwrap_or_else(|| panic!("{table} hold nothing beside"));
            assert_eq!(extra["brand_new"], news, "{table}: {extra}");
            assert!(extra.get("id").is_none() && extra.get("type").is_none());
            if table == "conversations" {
                assert_eq!(extra["statistics"]["brand_new"], news);
            }
        }
    }
    // Of contacts that are no customers nothing is kept but that they exist.
    let customers: Vec<(bool, Option<Value>)> =
        sqlx::query_as("SELECT is_customer, extra FROM sync.contacts")
            .fetch_all(&house.pool)
            .await
            .unwrap();
    for (is_customer, extra) in customers {
        assert_eq!(
            extra.map(|extra| extra["brand_new"].clone()),
            is_customer.then(|| news.clone())
        );
    }
    let parts: Vec<(String, bool, Option<Value>)> =
        sqlx::query_as("SELECT part_type, is_redacted, extra FROM sync.parts")
            .fetch_all(&house.pool)
            .await
            .unwrap();
    assert!(parts.iter().any(|(part_type, ..)| part_type == "source"));
    for (part_type, is_redacted, extra) in parts {
        let told = extra.map(|extra| extra["brand_new"].clone());
        assert_eq!(told, (!is_redacted).then(|| news.clone()), "{part_type}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_changes_is_kept_as_it_is_now_and_nobody_is_told() {
    let house = House::open(story(30, 30)).await;
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    let told = house
        .told(harken_contracts::subjects::all_records())
        .await
        .len();
    house.vault.mend(with_news);
    let run = house.run_again(&process).await;
    for kind in ["contacts", "companies", "conversations", "parts"] {
        assert_eq!(crate::harness::count(&run, kind).written, 0, "{kind}");
    }
    for table in ["companies", "conversations"] {
        for extra in extras(&house, table).await {
            assert!(
                extra.is_some_and(|extra| extra.get("brand_new").is_some()),
                "{table}"
            );
        }
    }
    assert_eq!(
        house
            .told(harken_contracts::subjects::all_records())
            .await
            .len(),
        told
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_named_and_costs_nothing_else() {
    let house = House::open(story(20, 20)).await;
    house.vault.mend(|path, answer| {
        if path == "/contacts" {
            for one in each(&mut answer["data"]) {
                one["vast"] = "x".repeat(40_000).into();
                one["small"] = 7.into();
            }
        }
    });
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    let held = extras(&house, "contacts").await;
    assert!(held.iter().any(Option::is_some));
    for extra in held.into_iter().flatten() {
        assert_eq!(extra["_cut"], json!(["vast"]));
        assert_eq!(extra["small"], 7);
    }
}
