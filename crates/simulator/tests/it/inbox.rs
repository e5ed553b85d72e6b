//! What a person sees and does.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Played, config};

async fn page(played: &Played, path: &str) -> String {
    let response = played.send(path).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    response.text().await.unwrap()
}

/// Where a form leads.
async fn submit(played: &Played, path: &str, fields: &[(&str, &str)]) -> String {
    let request = played.request(Method::POST, path).form(fields);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{fields:?}");
    response.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_first_page_leads_everywhere() {
    let played = Played::start(config()).await;
    let index = page(&played, "/").await;
    for path in ["/inbox/demo", "/inbox/small", "/inbox/empty"] {
        assert!(index.contains(path));
        page(&played, path).await;
    }
    assert!(index.contains("/oauth?client_id="));
    for path in ["/inbox/nowhere", "/inbox/demo/1"] {
        assert_eq!(played.send(path).await.status(), StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_person_plays_customer_and_teammate() {
    let played = Played::start(config()).await;
    let somebody = [
        ("who", "lead"),
        ("name", "Eve <script>"),
        ("email", "eve@x.example"),
        ("text", "Nothing works"),
    ];
    let thread = submit(&played, "/inbox/demo/new", &somebody).await;
    let id = thread.rsplit('/').next().unwrap().to_owned();
    for (act, field, state) in [
        ("angry", ("text", ""), "open"),
        ("write", ("text", "We are on it"), "open"),
        ("assign", ("assignee", "admin:8210442"), "open"),
        ("priority", ("priority", "urgent"), "open"),
        ("tag", ("tag", "11480201"), "open"),
        ("snooze", ("hours", "2"), "snoozed"),
        ("unsnooze", ("text", ""), "open"),
        ("close", ("text", ""), "closed"),
        ("rate", ("score", "1"), "closed"),
        ("reopen", ("text", ""), "open"),
        ("close", ("text", ""), "closed"),
        ("thanks", ("text", ""), "open"),
        ("redact", ("part", "0"), "open"),
        ("email", ("email", "eva@x.example"), "open"),
        ("sign_up", ("text", ""), "open"),
    ] {
        let back = submit(&played, &thread, &[("act", act), field]).await;
        assert!(!back.contains("problem"), "{act}: {back}");
        let talk = played.get(&format!("/conversations/{id}")).await;
        assert_eq!(talk["state"], state, "{act}");
    }
    let shown = page(&played, &thread).await;
    for text in [
        "Eve &#60;script&#62;",
        "Nothing works",
        "We are on it",
        "This message was deleted",
        "eva@x.example",
        "rated it 1 of 5",
        "Priya Nair",
    ] {
        assert!(shown.contains(text), "{text}");
    }
    assert!(!shown.contains("<script>"));
    let found = page(&played, "/inbox/demo?q=eva@x.example&state=open").await;
    assert!(found.contains(&id));
    let not_found = page(&played, "/inbox/demo?q=eva@x.example&state=snoozed").await;
    assert!(not_found.contains("No conversation fits"));
}

#[tokio::test]
async fn what_cannot_be_done_is_said_on_the_page() {
    let played = Played::start(config()).await;
    let rows = [
        (
            vec![("who", "known"), ("contact", "x"), ("text", "Hi")],
            "No customer is",
        ),
        (
            vec![("who", "lead"), ("text", "  ")],
            "Write something first",
        ),
    ];
    for (fields, reason) in rows {
        let back = submit(&played, "/inbox/demo/new", &fields).await;
        assert!(page(&played, &back).await.contains(reason));
    }
    let begun = json!({ "lead": { "email": "l@x.example" } });
    let begun = played
        .post("/_simulator/story/demo/conversations", &begun)
        .await;
    let begun: serde_json::Value = begun.json().await.unwrap();
    let thread = format!("/inbox/demo/{}", begun["id"].as_str().unwrap());
    let back = submit(&played, &thread, &[("act", "reopen")]).await;
    let shown = page(&played, &back).await;
    assert!(shown.contains("the conversation is not closed"));
    let gone = submit(&played, &thread, &[("act", "delete")]).await;
    assert!(gone.starts_with("/inbox/demo?"));
    assert_eq!(played.send(&thread).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_script_learns_of_news_cheaply() {
    let played = Played::start(config()).await;
    let revision = || page(&played, "/inbox/demo/revision");
    let before = revision().await;
    assert_eq!(revision().await, before);
    let lead = [("who", "lead"), ("text", "Hi")];
    submit(&played, "/inbox/demo/new", &lead).await;
    assert_ne!(revision().await, before);
    page(&played, "/inbox/live.js").await;
    page(&played, "/inbox/style.css").await;
}
