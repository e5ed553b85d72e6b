//! Lets everything happen that the story knows, and says what was told.

use std::collections::BTreeMap;

use harken_simulator::WebhookSettings;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::Told;
use crate::endpoint::Received;

/// Causes every topic there is; the notifications by topic, in order of their causes.
pub(super) async fn everything(version: &str) -> (Told, BTreeMap<String, Vec<Received>>) {
    let told = Told::start(WebhookSettings {
        version: version.to_owned(),
        senders: 1,
        ..WebhookSettings::default()
    })
    .await;
    let user = json!({ "name": "Una", "email": "una@x.example", "external_id": "crm-7" });
    let user = told.happen("contacts", user).await;
    let lead = json!({ "name": "Leo", "lead": true });
    let lead = told.happen("contacts", lead).await;
    let other = json!({ "email": "o@x.example", "lead": true });
    let other = told.happen("contacts", other).await;
    let path = |id: &Value| format!("contacts/{}", id["id"].as_str().unwrap());
    let company = told.get("/companies?per_page=1").await["data"][0]["id"].clone();
    for (who, what) in [
        (
            &user,
            json!({ "what": "update", "email": "una2@x.example" }),
        ),
        (&user, json!({ "what": "update", "unsubscribed": true })),
        (&user, json!({ "what": "tag", "tag_id": 11_480_101 })),
        (&user, json!({ "what": "untag", "tag_id": 11_480_101 })),
        (&user, json!({ "what": "attach", "company_id": company })),
        (&user, json!({ "what": "detach", "company_id": company })),
        (&lead, json!({ "what": "update", "email": "leo@x.example" })),
        (&lead, json!({ "what": "tag", "tag_id": 11_480_101 })),
        (&lead, json!({ "what": "untag", "tag_id": 11_480_101 })),
        (&lead, json!({ "what": "sign_up" })),
        (&other, json!({ "what": "merge", "into": user["id"] })),
        (&lead, json!({ "what": "archive" })),
        (&lead, json!({ "what": "unarchive" })),
    ] {
        told.happen(&path(who), what).await;
    }
    let renamed = format!("companies/{}", company.as_str().unwrap());
    told.happen(&renamed, json!({ "name": "Una & Daughters" }))
        .await;
    converse(
        &told,
        user["id"].as_str().unwrap(),
        lead["id"].as_str().unwrap(),
    )
    .await;
    told.happen(&path(&lead), json!({ "what": "delete" })).await;

    let ledger = told.settled().await;
    told.endpoint.wait_for(ledger.len()).await;
    let mut by_topic: BTreeMap<String, Vec<Received>> = BTreeMap::new();
    for one in told.endpoint.received() {
        by_topic
            .entry(one.topic().to_owned())
            .or_default()
            .push(one);
    }
    (told, by_topic)
}

async fn converse(told: &Told, user: &str, guest: &str) {
    let begun = json!({ "contact_id": user, "text": "It is broken" });
    let begun = told.happen("conversations", begun).await;
    let path = format!("conversations/{}", begun["id"].as_str().unwrap());
    let said = json!({ "what": "customer_reply", "text": "Still broken" });
    let said = told.happen(&path, said).await;
    for what in [
        json!({ "what": "bot_reply" }),
        json!({ "what": "assign", "admin_id": 8_210_442, "team_id": 9_150_021 }),
        json!({ "what": "admin_reply", "text": "On it" }),
        json!({ "what": "admin_reply", "assign_to": 8_210_443 }),
        json!({ "what": "note" }),
        json!({ "what": "priority", "priority": "high" }),
        json!({ "what": "tag", "tag_id": 11_480_201 }),
        json!({ "what": "untag", "tag_id": 11_480_201 }),
        json!({ "what": "add_participant", "contact_id": guest }),
        json!({ "what": "snooze", "until": 1_900_000_000 }),
        json!({ "what": "unsnooze" }),
        json!({ "what": "close", "text": "Bye" }),
        json!({ "what": "reopen" }),
        json!({ "what": "close" }),
        json!({ "what": "customer_reply", "text": "Again!" }),
        json!({ "what": "unassign" }),
        json!({ "what": "close" }),
        json!({ "what": "rate", "score": 2, "remark": "Slow" }),
    ] {
        told.played.pass_secs(60);
        told.happen(&path, what).await;
    }
    let part = json!({ "part_id": said["part_id"] });
    told.happen(&format!("{path}/redact"), part).await;
    let sent = json!({ "contact_id": user, "admin_id": 8_210_442, "text": "Hello" });
    let sent = told.happen("conversations", sent).await;
    let sent = sent["id"].as_str().unwrap();
    told.happen(&format!("conversations/{sent}/delete"), json!({}))
        .await;
}

#[tokio::test]
async fn every_topic_is_caused_and_the_api_says_the_same() {
    let (told, by_topic) = everything("2.16").await;
    let about = told.get("/_simulator/webhooks").await;
    let possible = about["possible_topics"].as_array().unwrap();
    for topic in possible.iter().filter_map(Value::as_str) {
        let told_of = topic == "ping" || by_topic.contains_key(topic);
        assert!(told_of, "nothing caused {topic}");
    }
    let last = by_topic["conversation_part.redacted"].last().unwrap();
    let told_as = &last.body["data"]["item"];
    let id = told_as["id"].as_str().unwrap();
    let read = told
        .get(&format!("/conversations/{id}?display_as=plaintext"))
        .await;
    for field in [
        "updated_at",
        "state",
        "statistics",
        "admin_assignee_id",
        "team_assignee_id",
        "waiting_since",
        "priority",
        "tags",
        "contacts",
        "source",
    ] {
        assert_eq!(told_as[field], read[field], "{field}");
    }
    let statistics = &read["statistics"];
    assert_eq!(
        (
            &statistics["count_reopens"],
            &statistics["count_assignments"]
        ),
        (&json!(2), &json!(3))
    );
    assert_eq!(statistics["time_to_admin_reply"], 180);
    assert_eq!(read["contacts"]["contacts"].as_array().unwrap().len(), 2);
    let parts = read["conversation_parts"]["conversation_parts"].clone();
    let redacted = &parts[0];
    assert_eq!(redacted["body"], "This message was deleted");
    assert_eq!(
        told_as["conversation_parts"]["conversation_parts"],
        json!([redacted])
    );
    let reopened = &by_topic["conversation.user.replied"][1].body["data"]["item"];
    let part = &reopened["conversation_parts"]["conversation_parts"][0];
    assert_eq!(
        (&part["part_type"], &part["body"]),
        (&json!("open"), &json!("Again!"))
    );
}

#[tokio::test]
async fn one_comment_of_the_bot_is_told_twice() {
    let (_told, by_topic) = everything("2.16").await;
    let operator = &by_topic["conversation.operator.replied"][0];
    let admin = by_topic["conversation.admin.replied"]
        .iter()
        .find(|one| one.body["data"] == operator.body["data"])
        .unwrap();
    assert_ne!(operator.id(), admin.id());
}

#[tokio::test]
async fn a_merged_lead_answers_gone_with_where_to_find_it() {
    let (told, by_topic) = everything("2.16").await;
    let item = &by_topic["contact.merged"][0].body["data"]["item"];
    let (lead, user) = (&item["merged_from"]["id"], item["id"].as_str().unwrap());
    let path = format!("/contacts/{}", lead.as_str().unwrap());
    let response = told.played.send(&path).await;
    assert_eq!(response.status(), StatusCode::GONE);
    let link = format!("</contacts/{user}>; rel=\"canonical\"");
    assert_eq!(response.headers()["link"], link.as_str());
    let history = told.get(&format!("/contacts/{user}/merge_history")).await;
    assert_eq!(&history["data"][0]["source_contact_id"], lead);
    let deleted = &by_topic["contact.deleted"][0].body["data"]["item"]["id"];
    let path = format!("/contacts/{}", deleted.as_str().unwrap());
    assert_eq!(
        told.played.send(&path).await.status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_the_reason() {
    let told = Told::start(WebhookSettings::default()).await;
    let id = told.open_one().await;
    let rows = [
        (json!({ "what": "reopen" }), 409, "not closed"),
        (json!({ "what": "unsnooze" }), 409, "not snoozed"),
        (json!({ "what": "rate", "score": 9 }), 409, "from 1 to 5"),
        (json!({ "what": "assign", "admin_id": 1 }), 404, "teammate"),
        (json!({ "what": "tag", "tag_id": 1 }), 404, "tag"),
        (json!({ "what": "dance" }), 400, "dance"),
        (json!({ "what": "note", "loud": true }), 400, "loud"),
    ];
    for (what, status, reason) in rows {
        let path = format!("/_simulator/story/demo/conversations/{id}");
        let response = told.played.post(&path, &what).await;
        assert_eq!(response.status().as_u16(), status, "{what}");
        let answer: Value = response.json().await.unwrap();
        let error = answer["error"].as_str().unwrap();
        assert!(error.contains(reason), "{what}: {error}");
    }
    assert_eq!(told.settled().await.len(), 2);
}
