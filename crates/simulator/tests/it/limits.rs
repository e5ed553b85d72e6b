use harken_simulator::Config;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{EPOCH, Played, config};

fn header(response: &reqwest::Response, name: &str) -> i64 {
    response.headers()[name].to_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_window_refuses_what_is_beyond_its_sixth_of_a_minute() {
    let played = Played::start(Config {
        rate_per_minute: 60,
        ..config()
    })
    .await;
    for taken in 1..=10 {
        let response = played.send("/me").await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(&response, "x-ratelimit-limit"), 10);
        assert_eq!(header(&response, "x-ratelimit-remaining"), 10 - taken);
        assert_eq!(header(&response, "x-ratelimit-reset"), EPOCH + 10);
    }
    let refused = played.send("/me").await;
    assert_eq!(header(&refused, "x-ratelimit-remaining"), 0);
    assert!(refused.headers().get("retry-after").is_none());
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["errors"][0]["code"], "rate_limit_exceeded");
    assert_eq!(
        body["errors"][0]["message"],
        "Exceeded rate limit of 10 in 10_seconds"
    );

    played.pass_secs(10);
    assert_eq!(played.send("/me").await.status(), StatusCode::OK);
    let stats = played.get("/_simulator/stats").await;
    assert_eq!(stats["requests"], 12);
    assert_eq!(stats["too_many_requests"], 1);
    assert_eq!(
        stats["endpoints"]["GET /me"]["answers"],
        json!({ "200": 11, "429": 1 })
    );
    assert_eq!(stats["windows"][EPOCH.to_string()]["requests"], 11);
}

#[tokio::test]
async fn the_rate_can_be_changed_while_it_runs() {
    let played = Played::start(Config {
        rate_per_minute: 6,
        ..config()
    })
    .await;
    assert_eq!(played.send("/me").await.status(), StatusCode::OK);
    assert_eq!(
        played.send("/me").await.status(),
        StatusCode::TOO_MANY_REQUESTS
    );
    let unlimited = json!({ "rate_per_minute": 0, "workspace_rate_per_minute": 0 });
    played.post("/_simulator/limits", &unlimited).await;
    let response = played.send("/me").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(header(&response, "x-ratelimit-limit") > 1_000_000);
    let reset = played
        .request(Method::DELETE, "/_simulator/stats")
        .send()
        .await
        .unwrap();
    assert_eq!(reset.status(), StatusCode::NO_CONTENT);
    assert_eq!(played.get("/_simulator/stats").await["requests"], 0);
}
