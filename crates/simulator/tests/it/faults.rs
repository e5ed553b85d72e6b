use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Played, config};

async fn order(played: &Played, fault: Value) {
    let response = played.post("/_simulator/faults", &fault).await;
    assert_eq!(response.status(), StatusCode::CREATED, "{fault}");
}

#[tokio::test]
async fn ordered_faults_strike_and_then_all_is_well() {
    let played = Played::start(config()).await;
    let status = json!({ "path": "/contacts*", "times": 2, "harm": "status", "status": 503, "retry_after_secs": 7 });
    order(&played, status).await;
    let first = played.send("/contacts").await;
    assert_eq!(first.headers()["retry-after"], "7");
    assert_eq!(
        played.refusal(first).await,
        (503, "service_unavailable".to_owned())
    );
    assert_eq!(played.send("/me").await.status(), StatusCode::OK);
    let second = played.post("/contacts/search", &json!({})).await;
    assert_eq!(second.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(played.send("/contacts").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn bodies_can_be_empty_broken_or_wrong() {
    let played = Played::start(config()).await;
    for (harm, expected) in [
        ("empty_body", ""),
        ("broken_json", "{\"type\":\"list\",\"data\":[{\"type\":"),
    ] {
        order(&played, json!({ "path": "/me", "harm": harm })).await;
        let response = played.send("/me").await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.text().await.unwrap(), expected);
    }
    order(&played, json!({ "path": "/me", "harm": "error_with_ok" })).await;
    assert_eq!(played.get("/me").await["type"], "error.list");
    order(
        &played,
        json!({ "path": "/me", "harm": "huge_body", "bytes": 300_000 }),
    )
    .await;
    assert_eq!(
        played.send("/me").await.bytes().await.unwrap().len(),
        300_000
    );
}

#[tokio::test]
async fn connections_can_break_or_never_answer() {
    let played = Played::start(config()).await;
    let me = || played.request(Method::GET, "/me");
    order(&played, json!({ "path": "/me", "harm": "close" })).await;
    assert!(me().send().await.is_err());
    order(&played, json!({ "path": "/me", "harm": "close_midway" })).await;
    assert!(me().send().await.unwrap().bytes().await.is_err());
    order(&played, json!({ "path": "/me", "harm": "hang" })).await;
    assert!(
        me().timeout(Duration::from_millis(200))
            .send()
            .await
            .unwrap_err()
            .is_timeout()
    );
    order(
        &played,
        json!({ "path": "/me", "harm": "delay", "millis": 20 }),
    )
    .await;
    assert_eq!(me().send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn faults_to_come_can_be_seen_and_called_off() {
    let played = Played::start(config()).await;
    order(
        &played,
        json!({ "path": "/auth/eagle/token", "skip": 3, "harm": "hang" }),
    )
    .await;
    let faults = played.get("/_simulator/faults").await;
    assert_eq!(faults.as_array().unwrap().len(), 1);
    played
        .request(Method::DELETE, "/_simulator/faults")
        .send()
        .await
        .unwrap();
    assert_eq!(played.get("/_simulator/faults").await, json!([]));
}
