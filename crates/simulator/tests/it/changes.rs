use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{EPOCH, Played, condition, config, ids};

async fn happen(played: &Played, id: &str, what: Value) {
    let response = played
        .post(&format!("/_simulator/story/demo/conversations/{id}"), &what)
        .await;
    assert_eq!(response.status(), StatusCode::OK, "{what}");
}

#[tokio::test]
async fn a_customer_writes_to_a_closed_conversation_and_it_comes_first() {
    let played = Played::start(config()).await;
    let closed = played
        .search("conversations", condition("state", "=", "closed"), 150)
        .await;
    let before = closed
        .iter()
        .find(|talk| talk["source"]["delivered_as"] == "customer_initiated")
        .unwrap();
    let id = before["id"].as_str().unwrap();
    played.pass_secs(500);
    happen(
        &played,
        id,
        json!({ "what": "customer_reply", "text": "It's <broken> again" }),
    )
    .await;

    let after = played.get(&format!("/conversations/{id}")).await;
    assert_eq!(
        (&after["state"], &after["updated_at"]),
        (&json!("open"), &json!(EPOCH + 500))
    );
    let reopens = before["statistics"]["count_reopens"].as_u64().unwrap();
    assert_eq!(after["statistics"]["count_reopens"], reopens + 1);
    let parts = after["conversation_parts"]["conversation_parts"]
        .as_array()
        .unwrap();
    assert_eq!(parts.last().unwrap()["part_type"], "open");
    assert_eq!(
        parts.last().unwrap()["body"],
        "<p>It&#39;s &lt;broken&gt; again</p>"
    );
    assert_eq!(
        played.get("/conversations").await["conversations"][0]["id"],
        id
    );
    let recent = played
        .search("conversations", condition("updated_at", ">", EPOCH), 10)
        .await;
    assert_eq!(ids(&recent), [id]);
    assert_eq!(
        played
            .search("conversations", condition("updated_at", ">", 0), 150)
            .await
            .len(),
        600
    );

    let customer = after["contacts"]["contacts"][0]["id"].as_str().unwrap();
    let contact = played.get(&format!("/contacts/{customer}")).await;
    assert_eq!(
        (&contact["updated_at"], &contact["last_replied_at"]),
        (&json!(EPOCH + 500), &json!(EPOCH + 500))
    );
    assert_eq!(played.get("/contacts").await["data"][0]["id"], customer);
}

#[tokio::test]
async fn teammates_answer_close_and_are_rated() {
    let played = Played::start(config()).await;
    let open = played
        .search("conversations", condition("state", "=", "open"), 10)
        .await;
    let id = open[0]["id"].as_str().unwrap();
    for what in [
        json!({ "what": "admin_reply", "text": "Done." }),
        json!({ "what": "note", "text": "for us" }),
        json!({ "what": "assign", "admin_id": 8_210_446 }),
        json!({ "what": "tag", "tag_id": 11_480_202 }),
        json!({ "what": "close" }),
        json!({ "what": "rate", "score": 4 }),
    ] {
        played.pass_secs(1);
        happen(&played, id, what).await;
    }
    let talk = played.get(&format!("/conversations/{id}")).await;
    assert_eq!(talk["state"], "closed");
    assert_eq!(talk["admin_assignee_id"], 8_210_446);
    assert_eq!(talk["conversation_rating"]["rating"], 4);
    assert_eq!(talk["statistics"]["last_close_at"], EPOCH + 5);
    assert_eq!(
        talk["tags"]["tags"].as_array().unwrap().last().unwrap()["id"],
        "11480202"
    );
}

#[tokio::test]
async fn contacts_come_and_go() {
    let played = Played::start(config()).await;
    let new = json!({ "name": "Jo & Sons", "email": "jo@sons.example", "external_id": "crm-1" });
    let added: Value = played
        .post("/_simulator/story/demo/contacts", &new)
        .await
        .json()
        .await
        .unwrap();
    let id = added["id"].as_str().unwrap();
    let contact = played.get(&format!("/contacts/{id}")).await;
    assert_eq!(
        (&contact["name"], &contact["email"]),
        (&json!("Jo &amp; Sons"), &json!("jo@sons.example"))
    );
    assert_eq!(
        played
            .search("contacts", condition("email", "=", "jo@sons.example"), 5)
            .await
            .len(),
        1
    );
    assert_eq!(played.get("/contacts").await["total_count"], 151);

    let gone = played.get("/contacts?per_page=3").await["data"][2]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let deleted = played
        .post(
            &format!("/_simulator/story/demo/contacts/{gone}/delete"),
            &json!({}),
        )
        .await;
    assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
    assert_eq!(
        played.send(&format!("/contacts/{gone}")).await.status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(played.get("/contacts").await["total_count"], 150);
    let all = played
        .search("contacts", condition("created_at", ">", 0), 40)
        .await;
    assert_eq!(all.len(), 150);
}

#[tokio::test]
async fn deleted_conversations_are_gone_and_listed() {
    let played = Played::start(config()).await;
    let before = played.get("/conversations/deleted?per_page=60").await["total_count"]
        .as_u64()
        .unwrap();
    let id = played.get("/conversations").await["conversations"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    played
        .post(
            &format!("/_simulator/story/demo/conversations/{id}/delete"),
            &json!({}),
        )
        .await;
    assert_eq!(
        played.send(&format!("/conversations/{id}")).await.status(),
        StatusCode::NOT_FOUND
    );
    let deleted = played.get("/conversations/deleted").await;
    assert_eq!(deleted["total_count"], before + 1);
    assert_eq!(deleted["conversations"][0]["id"], id.as_str());
    assert_eq!(played.get("/conversations").await["total_count"], 599);
}

#[tokio::test]
async fn paging_meets_everything_that_does_not_move() {
    let played = Played::start(config()).await;
    let mut query = condition("updated_at", ">", 0);
    query["sort"] = json!({ "field": "updated_at", "order": "ascending" });
    query["pagination"] = json!({ "per_page": 100 });
    let mut seen = Vec::new();
    loop {
        let page: Value = played
            .post("/conversations/search", &query)
            .await
            .json()
            .await
            .unwrap();
        seen.extend(
            ids(page["conversations"].as_array().unwrap())
                .into_iter()
                .map(str::to_owned),
        );
        let next = &page["pages"]["next"]["starting_after"];
        if next.is_null() {
            break;
        }
        query["pagination"]["starting_after"] = next.clone();
        // What is already read moves to the end, and is met again.
        let moved = seen[0].clone();
        happen(&played, &moved, json!({ "what": "note" })).await;
    }
    let all: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!(all.len(), 600);
    assert_eq!(seen.len(), 601);
}
