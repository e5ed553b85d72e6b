use serde_json::{Value, json};

use crate::harness::{Played, condition, config, ids};

const DAY: i64 = 86_400;
/// 2026-11-19 00:00 in New York, the demo workspace's zone.
const MIDNIGHT: i64 = 1_795_064_400;

fn at(record: &Value, field: &str) -> i64 {
    record[field].as_i64().unwrap()
}

#[tokio::test]
async fn contacts_are_found_by_calendar_day_of_the_workspace() {
    let played = Played::start(config()).await;
    let truth = played.truth("contacts").await;
    let day = |from: i64, to: i64| -> Vec<&str> {
        let within = |contact: &&Value| (from..to).contains(&at(contact, "updated_at"));
        let mut found: Vec<_> = truth
            .iter()
            .filter(within)
            .map(|contact| contact["id"].as_str().unwrap())
            .collect();
        found.sort_unstable();
        found
    };
    for second in [MIDNIGHT, MIDNIGHT + 40_000, MIDNIGHT + DAY - 1] {
        let rows = [
            ("=", day(MIDNIGHT, MIDNIGHT + DAY)),
            (">", day(MIDNIGHT + DAY, i64::MAX)),
            ("<", day(0, MIDNIGHT)),
        ];
        for (operator, expected) in rows {
            let found = played
                .search("contacts", condition("updated_at", operator, second), 50)
                .await;
            let mut found = ids(&found);
            found.sort_unstable();
            assert_eq!(found, expected, "{operator} {second}");
        }
    }
    assert!(!day(MIDNIGHT, MIDNIGHT + DAY).is_empty());
}

#[tokio::test]
async fn contact_searches_refuse_what_intercom_refuses() {
    let played = Played::start(config()).await;
    let group = |count: usize| json!({ "query": { "operator": "OR", "value": vec![condition("role", "=", "user")["query"].clone(); count] } });
    let nested = |inner: Value| json!({ "operator": "AND", "value": [inner] });
    let leaf = condition("role", "=", "user")["query"].clone();
    let rows = [
        condition("updated_at", ">=", 1),
        condition("updated_at", "!=", 1),
        condition("updated_at", "IN", json!([1])),
        condition("updated_at", "=", "yesterday"),
        condition("tag_id", "~", "1"),
        condition("email", ">", "a"),
        condition("shoe_size", "=", 44),
        group(16),
        group(0),
        json!({ "query": nested(nested(nested(leaf.clone()))) }),
        json!({}),
    ];
    for query in rows {
        let refusal = played
            .refusal(played.post("/contacts/search", &query).await)
            .await;
        assert_eq!(refusal, (400, "parameter_invalid".to_owned()), "{query}");
    }
    let mut shorthand = condition("role", "=", "user");
    shorthand["sort"] = json!({ "field": "created_at", "order": "desc" });
    let refusal = played
        .refusal(played.post("/contacts/search", &shorthand).await)
        .await;
    assert_eq!(refusal, (400, "invalid_sort_order".to_owned()));
    assert_eq!(
        played
            .post("/contacts/search", &group(15))
            .await
            .status()
            .as_u16(),
        200
    );
    let fine = json!({ "query": nested(nested(leaf)) });
    assert_eq!(
        played
            .post("/contacts/search", &fine)
            .await
            .status()
            .as_u16(),
        200
    );
}

#[tokio::test]
async fn contacts_are_found_by_what_they_are() {
    let played = Played::start(config()).await;
    let truth = played.truth("contacts").await;
    let count =
        |fits: &dyn Fn(&Value) -> bool| truth.iter().filter(|contact| fits(contact)).count();
    let some = truth
        .iter()
        .find(|contact| contact["valid_email"] == true && contact["name"].is_string())
        .unwrap();
    let email = some["email"].as_str().unwrap();
    let domain = email.split_once('@').unwrap().1;
    let ends = |contact: &Value| {
        contact["email"]
            .as_str()
            .is_some_and(|email| email.ends_with(domain))
    };
    let rows = [
        (
            condition("role", "=", "lead"),
            count(&|contact| contact["role"] == "lead"),
        ),
        (
            condition("role", "IN", json!(["lead", "user"])),
            truth.len(),
        ),
        (
            condition("email", "=", email),
            count(&|contact| contact["email"] == email),
        ),
        (condition("email_domain", "=", domain), count(&ends)),
        (condition("email", "$", domain), count(&ends)),
        (
            condition("email", "=", Value::Null),
            count(&|contact| contact["email"].is_null()),
        ),
        (
            condition("email", "!~", domain),
            count(&|contact| !ends(contact)),
        ),
        (
            condition("external_id", "=", some["external_id"].clone()),
            1,
        ),
        (condition("id", "=", some["id"].clone()), 1),
    ];
    for (query, expected) in rows {
        assert_eq!(
            played.search("contacts", query.clone(), 50).await.len(),
            expected,
            "{query}"
        );
    }
}

#[tokio::test]
async fn conversations_are_found_by_the_second() {
    let played = Played::start(config()).await;
    let truth = played.truth("conversations").await;
    let middle = at(&truth[300], "updated_at");
    let count = |fits: &dyn Fn(i64) -> bool| {
        truth
            .iter()
            .filter(|talk| fits(at(talk, "updated_at")))
            .count()
    };
    let between = json!({ "query": { "operator": "AND", "value": [
        { "field": "updated_at", "operator": ">", "value": middle - 20 * DAY },
        { "field": "updated_at", "operator": "<", "value": middle.to_string() },
    ]}});
    let rows = [
        (
            condition("updated_at", ">", middle),
            count(&|at| at > middle),
        ),
        (
            condition("updated_at", ">=", middle),
            count(&|at| at >= middle),
        ),
        (
            condition("updated_at", "<", middle),
            count(&|at| at < middle),
        ),
        (
            condition("updated_at", "<=", middle),
            count(&|at| at <= middle),
        ),
        (
            condition("updated_at", "=", middle),
            count(&|at| at == middle),
        ),
        (
            condition("updated_at", "!=", middle),
            count(&|at| at != middle),
        ),
        (between, count(&|at| at > middle - 20 * DAY && at < middle)),
        (
            condition("state", "=", "open"),
            truth.iter().filter(|talk| talk["state"] == "open").count(),
        ),
        (
            condition("open", "=", false),
            truth
                .iter()
                .filter(|talk| talk["state"] == "closed")
                .count(),
        ),
        (
            condition("statistics.count_reopens", ">", 0),
            truth
                .iter()
                .filter(|talk| talk["count_reopens"].as_u64() > Some(0))
                .count(),
        ),
    ];
    for (query, expected) in rows {
        assert_eq!(
            played
                .search("conversations", query.clone(), 150)
                .await
                .len(),
            expected,
            "{query}"
        );
    }
    let mut inclusive = config();
    inclusive.switches.search_bounds_inclusive = true;
    let inclusive = Played::start(inclusive).await;
    let found = inclusive
        .search("conversations", condition("updated_at", ">", middle), 150)
        .await;
    assert_eq!(found.len(), count(&|at| at >= middle));
}

#[tokio::test]
async fn answers_come_in_the_order_asked_for() {
    let played = Played::start(config()).await;
    let sorted = async |what: &str, field: &str, order: &str| -> Vec<Value> {
        let mut query = condition("created_at", ">", 0);
        query["sort"] = json!({ "field": field, "order": order });
        played.search(what, query, 41).await
    };
    for (what, total) in [("contacts", 150), ("conversations", 600)] {
        for field in ["updated_at", "created_at"] {
            let ascending = sorted(what, field, "ascending").await;
            assert_eq!(ascending.len(), total);
            assert!(
                ascending
                    .windows(2)
                    .all(|pair| at(&pair[0], field) <= at(&pair[1], field))
            );
            let mut descending = sorted(what, field, "descending").await;
            descending.reverse();
            assert_eq!(ids(&descending), ids(&ascending), "{what} by {field}");
        }
    }
    let names = sorted("contacts", "name", "ascending").await;
    let names: Vec<_> = names
        .iter()
        .filter_map(|contact| contact["name"].as_str())
        .collect();
    assert!(names.is_sorted());
}

#[tokio::test]
async fn a_body_is_searched_word_by_word() {
    let played = Played::start(config()).await;
    let word = played
        .search("conversations", condition("source.body", "=", "export"), 50)
        .await;
    assert!(!word.is_empty());
    let phrase = condition("source.body", "=", "CSV export");
    assert!(played.search("conversations", phrase, 50).await.is_empty());
}
