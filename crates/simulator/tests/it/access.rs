use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Played, config};

fn token(kind: &str) -> String {
    format!("sim_{kind}_demo_a1b2c3d4e5f60718293a4b5c6d7e8f90")
}

async fn status(played: &Played, token: &str, path: &str) -> u16 {
    let url = format!("{}{path}", played.simulator.url());
    played
        .client
        .get(url)
        .bearer_auth(token)
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

#[tokio::test]
async fn a_token_reaches_what_its_permissions_allow() {
    let played = Played::start(config()).await;
    let rows = [
        ("full", "/conversations", 200),
        ("no_conversations", "/conversations", 403),
        ("no_conversations", "/me", 200),
        ("no_conversations", "/contacts", 200),
        ("no_contacts", "/contacts", 403),
        ("no_contacts", "/companies/scroll", 403),
        ("no_admins", "/admins", 403),
        ("no_admins", "/me", 200),
        ("no_tags", "/tags", 403),
        ("revoked", "/me", 401),
        ("unheard_of", "/me", 401),
    ];
    for (kind, path, expected) in rows {
        assert_eq!(
            status(&played, &token(kind), path).await,
            expected,
            "{kind} {path}"
        );
    }
}

#[tokio::test]
async fn a_refusal_names_the_missing_scope() {
    let played = Played::start(config()).await;
    let url = format!("{}/conversations/search", played.simulator.url());
    let request = played
        .client
        .post(url)
        .bearer_auth(token("no_conversations"));
    let body: Value = request
        .json(&json!({}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(body["errors"][0]["code"], "forbidden");
    assert_eq!(
        body["errors"][0]["message"],
        "You do not have the required scope (read_conversations) to access this resource"
    );
}

#[tokio::test]
async fn tokens_and_permissions_can_be_taken_away() {
    let played = Played::start(config()).await;
    let lost = json!({ "workspace": "demo", "permission": "read_tags" });
    played.post("/_simulator/permissions/remove", &lost).await;
    assert_eq!(played.send("/tags").await.status(), StatusCode::FORBIDDEN);
    played.post("/_simulator/permissions/restore", &lost).await;
    assert_eq!(played.send("/tags").await.status(), StatusCode::OK);

    let revoked = json!({ "token": token("full") });
    assert_eq!(
        played
            .post("/_simulator/tokens/revoke", &revoked)
            .await
            .status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(status(&played, &token("full"), "/me").await, 401);
    assert_eq!(status(&played, &token("no_tags"), "/me").await, 200);
}

#[tokio::test]
async fn old_credentials_and_missing_ones() {
    let played = Played::start(config()).await;
    let url = format!("{}/me", played.simulator.url());
    let basic = played
        .client
        .get(&url)
        .basic_auth(token("full"), Some(""))
        .send()
        .await
        .unwrap();
    assert_eq!(basic.status(), StatusCode::OK);
    let nobody = played.client.get(&url).send().await.unwrap();
    assert!(nobody.headers().get("x-ratelimit-limit").is_none());
    assert_eq!(
        played.refusal(nobody).await,
        (401, "unauthorized".to_owned())
    );
}

#[tokio::test]
async fn unknown_paths_methods_and_media_are_refused() {
    let played = Played::start(config()).await;
    assert_eq!(
        played.refusal(played.send("/nonsense").await).await,
        (404, "not_found".to_owned())
    );
    let wrong = played
        .request(Method::DELETE, "/contacts")
        .send()
        .await
        .unwrap();
    assert_eq!(played.refusal(wrong).await, (404, "not_found".to_owned()));
    let html = played
        .request(Method::GET, "/me")
        .header("accept", "text/html")
        .send()
        .await
        .unwrap();
    assert_eq!(played.refusal(html).await.0, 406);
    let broken = played
        .request(Method::POST, "/contacts/search")
        .body("{")
        .send()
        .await
        .unwrap();
    assert_eq!(
        played.refusal(broken).await,
        (400, "parameter_invalid".to_owned())
    );
}
