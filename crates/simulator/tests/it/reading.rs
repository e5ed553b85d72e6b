use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Played, condition, config, ids};

#[tokio::test]
async fn only_the_500_most_recent_parts_are_shown() {
    let played = Played::start(config()).await;
    let truth = played.truth("conversations").await;
    let longest = truth
        .iter()
        .max_by_key(|talk| talk["parts"].as_u64())
        .unwrap();
    let parts = longest["parts"].as_u64().unwrap();
    assert!(parts > 500);
    let talk = played
        .get(&format!(
            "/conversations/{}",
            longest["id"].as_str().unwrap()
        ))
        .await;
    let shown = talk["conversation_parts"]["conversation_parts"]
        .as_array()
        .unwrap();
    assert_eq!(shown.len(), 500);
    assert_eq!(talk["conversation_parts"]["total_count"], 500);
    assert_eq!(talk["statistics"]["count_conversation_parts"], parts + 1);
    assert_eq!(shown[499]["part_type"], "close");
    assert_eq!(shown[499]["created_at"], talk["updated_at"]);
}

#[tokio::test]
async fn plain_text_is_given_when_asked_for() {
    let played = Played::start(config()).await;
    let truth = played.truth("conversations").await;
    for talk in truth.iter().take(60) {
        let path = format!("/conversations/{}", talk["id"].as_str().unwrap());
        let html = played.get(&path).await;
        let plain = played.get(&format!("{path}?display_as=plaintext")).await;
        assert!(html["source"]["body"].as_str().unwrap().starts_with("<p>"));
        assert!(!plain["source"]["body"].as_str().unwrap().contains("<p>"));
        for part in plain["conversation_parts"]["conversation_parts"]
            .as_array()
            .unwrap()
        {
            assert!(
                part["body"]
                    .as_str()
                    .is_none_or(|body| !body.contains("<p>") && !body.contains("</a>"))
            );
        }
    }
}

#[tokio::test]
async fn lists_inside_a_contact_hold_ten_and_name_the_rest() {
    let played = Played::start(config()).await;
    let truth = played.truth("contacts").await;
    let tagged = truth
        .iter()
        .find(|contact| contact["tags"].as_array().unwrap().len() > 10)
        .unwrap();
    let contact = played
        .get(&format!("/contacts/{}", tagged["id"].as_str().unwrap()))
        .await;
    let tags = &contact["tags"];
    assert_eq!(tags["data"].as_array().unwrap().len(), 10);
    assert_eq!(tags["has_more"], true);
    assert!(tags["data"][0].get("name").is_none());
    let all = played.get(tags["url"].as_str().unwrap()).await;
    assert_eq!(
        all["data"].as_array().unwrap().len(),
        tagged["tags"].as_array().unwrap().len()
    );
    assert_eq!(tags["total_count"], all["data"].as_array().unwrap().len());
}

#[tokio::test]
async fn lists_go_by_cursor_and_cap_their_pages() {
    let played = Played::start(config()).await;
    let page = played.get("/contacts?per_page=1000").await;
    assert_eq!(page["data"].as_array().unwrap().len(), 150);
    assert!(page["pages"].get("next").is_none());
    assert_eq!(played.get("/contacts").await["pages"]["per_page"], 50);
    assert_eq!(played.get("/conversations").await["pages"]["per_page"], 20);
    for path in [
        "/contacts?per_page=0",
        "/contacts?per_page=x",
        "/contacts?starting_after=abc",
    ] {
        assert_eq!(
            played.refusal(played.send(path).await).await,
            (400, "parameter_invalid".to_owned())
        );
    }
    let mut strict = config();
    strict.switches.oversized_page_refused = true;
    let strict = Played::start(strict).await;
    assert_eq!(
        strict
            .refusal(strict.send("/contacts?per_page=151").await)
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn companies_are_listed_by_number_and_scrolled_once_at_a_time() {
    let played = Played::start(config()).await;
    let listed = played
        .request(Method::POST, "/companies/list?per_page=10")
        .send()
        .await
        .unwrap();
    let listed: Value = listed.json().await.unwrap();
    assert_eq!(listed["data"].as_array().unwrap().len(), 10);
    assert!(
        listed["pages"]["next"]
            .as_str()
            .unwrap()
            .ends_with("page=2")
    );
    let deep = played
        .request(Method::POST, "/companies/list?per_page=60&page=168")
        .send()
        .await
        .unwrap();
    assert_eq!(played.refusal(deep).await.0, 400);

    let first = played.get("/companies/scroll").await;
    assert_eq!(first["data"].as_array().unwrap().len(), 24);
    let second = played.refusal(played.send("/companies/scroll").await).await;
    assert_eq!(second, (400, "scroll_exists".to_owned()));
    let next = format!(
        "/companies/scroll?scroll_param={}",
        first["scroll_param"].as_str().unwrap()
    );
    let last = played.get(&next).await;
    assert_eq!(
        (&last["data"], last.get("scroll_param")),
        (&json!([]), None)
    );
    assert_eq!(
        played.refusal(played.send(&next).await).await,
        (404, "not_found".to_owned())
    );
    played.get("/companies/scroll").await;
    played.pass_secs(60);
    played.get("/companies/scroll").await;
}

#[tokio::test]
async fn an_empty_workspace_answers_with_empty_lists() {
    let played = Played::start(config()).await;
    let get = async |path: &str| -> Value {
        let token = crate::harness::FULL.replace("demo", "empty");
        let url = format!("{}{path}", played.simulator.url());
        played
            .client
            .get(url)
            .bearer_auth(token)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    };
    assert_eq!(get("/contacts").await["total_count"], 0);
    assert_eq!(get("/conversations").await["conversations"], json!([]));
    assert_eq!(get("/companies/scroll").await["data"], json!([]));
    assert_eq!(get("/companies").await["total_count"], 0);
}

#[tokio::test]
async fn ids_mean_nothing_in_another_workspace() {
    let played = Played::start(config()).await;
    let contacts = played
        .search("contacts", condition("role", "=", "user"), 5)
        .await;
    let token = crate::harness::FULL.replace("demo", "small");
    for id in ids(&contacts).into_iter().take(5) {
        let url = format!("{}/contacts/{id}", played.simulator.url());
        let response = played
            .client
            .get(url)
            .bearer_auth(&token)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status().as_u16(), 404);
    }
}
