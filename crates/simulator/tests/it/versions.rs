use reqwest::{Method, Response};
use serde_json::Value;

use crate::harness::{Played, condition, config};

async fn send(played: &Played, version: &str, path: &str) -> Response {
    played
        .request(Method::GET, path)
        .header("intercom-version", version)
        .send()
        .await
        .unwrap()
}

async fn get(played: &Played, version: &str, path: &str) -> Value {
    send(played, version, path).await.json().await.unwrap()
}

#[tokio::test]
async fn conversations_differ_by_version() {
    let played = Played::start(config()).await;
    let unassigned = played
        .search("conversations", condition("admin_assignee_id", "=", 0), 20)
        .await;
    let urgent = played
        .search("conversations", condition("priority", "=", "urgent"), 20)
        .await;
    let path = |talk: &Value| format!("/conversations/{}", talk["id"].as_str().unwrap());
    let (unassigned, urgent) = (path(&unassigned[0]), path(&urgent[0]));

    let rows = [
        ("2.14", Value::Null),
        ("2.15", Value::Null),
        ("2.16", 0.into()),
    ];
    for (version, expected) in rows {
        assert_eq!(
            get(&played, version, &unassigned).await["admin_assignee_id"],
            expected
        );
    }
    for (version, expected) in [
        ("2.14", "priority"),
        ("2.15", "priority"),
        ("2.16", "urgent"),
    ] {
        assert_eq!(get(&played, version, &urgent).await["priority"], expected);
    }
    let has =
        async |version: &str, key: &str| get(&played, version, &urgent).await.get(key).is_some();
    assert_eq!(
        (has("2.14", "company").await, has("2.15", "company").await),
        (false, true)
    );
    assert_eq!(
        (has("2.15", "channel").await, has("2.16", "channel").await),
        (false, true)
    );
}

#[tokio::test]
async fn contacts_differ_by_version() {
    let played = Played::start(config()).await;
    let contacts = played
        .search("contacts", condition("owner_id", "!=", Value::Null), 150)
        .await;
    let path = format!("/contacts/{}", contacts[0]["id"].as_str().unwrap());
    assert!(get(&played, "2.15", &path).await["owner_id"].is_number());
    assert!(get(&played, "2.16", &path).await["owner_id"].is_string());

    let truth = played.truth("conversations").await;
    let merged = truth
        .iter()
        .find(|talk| !talk["merged_into"].is_null())
        .unwrap();
    let path = format!("/contacts/{}", merged["contacts"][0].as_str().unwrap());
    assert_eq!(
        played.refusal(send(&played, "2.15", &path).await).await,
        (404, "not_found".to_owned())
    );
    let gone = send(&played, "2.16", &path).await;
    let survivor = merged["merged_into"].as_str().unwrap();
    assert_eq!(
        gone.headers()["link"],
        format!("</contacts/{survivor}>; rel=\"canonical\"")
    );
    assert_eq!(
        played.refusal(gone).await,
        (410, "contact_merged".to_owned())
    );
    let history = get(
        &played,
        "2.16",
        &format!("/contacts/{survivor}/merge_history"),
    )
    .await;
    assert_eq!(
        history["data"][0]["source_contact_id"],
        merged["contacts"][0]
    );
}

#[tokio::test]
async fn resources_know_their_version() {
    let played = Played::start(config()).await;
    for path in ["/conversations/deleted", "/conversations/attributes"] {
        let refusal = played.refusal(send(&played, "2.15", path).await).await;
        assert_eq!(refusal, (400, "intercom_version_invalid".to_owned()));
        assert_eq!(send(&played, "2.16", path).await.status().as_u16(), 200);
    }
    let old = get(&played, "2.15", "/data_attributes?model=conversation").await;
    assert!(!old["data"].as_array().unwrap().is_empty());
    let refusal = send(&played, "2.16", "/data_attributes?model=conversation").await;
    assert_eq!(
        played.refusal(refusal).await,
        (422, "parameter_invalid".to_owned())
    );
    let refusal = played.refusal(send(&played, "3.1", "/me").await).await;
    assert_eq!(refusal, (400, "intercom_version_invalid".to_owned()));
}
