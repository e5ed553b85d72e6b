//! How Intercom treats an endpoint.

use std::collections::{BTreeMap, BTreeSet};

use harken_simulator::{Config, Simulator, WebhookSettings};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha1::Sha1;

use super::{Told, fast, until_pinged};
use crate::endpoint::{Endpoint, Received, until};
use crate::harness::config;

fn signed(received: &Received, secret: &str) -> bool {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(&received.bytes);
    let expected = format!("sha1={}", hex::encode(mac.finalize().into_bytes()));
    received.headers["x-hub-signature"] == expected.as_str()
}

#[tokio::test]
async fn an_endpoint_is_asked_pinged_and_told_with_the_right_headers() {
    let told = Told::start(WebhookSettings::default()).await;
    assert!(told.endpoint.heads() >= 1);
    until_pinged(&told.endpoint).await;
    let ping = &told.endpoint.pings()[0];
    assert_eq!(
        (&ping.body["id"], &ping.body["delivery_status"]),
        (&Value::Null, &Value::Null)
    );
    assert!(signed(ping, "simulated-client-secret"));

    let id = told.open_one().await;
    let received = told.endpoint.wait_for(2).await;
    let one = received
        .iter()
        .find(|one| one.topic() == "conversation.user.created")
        .unwrap();
    let header = |name: &str| one.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("user-agent"), "intercom-parrot-service-client/1.0");
    assert_eq!(
        (header("accept"), header("content-type")),
        ("application/json".to_owned(), "application/json".to_owned())
    );
    assert!(signed(one, "simulated-client-secret"));
    assert_eq!(one.body["app_id"], "nwc7k2qx");
    assert_eq!(one.body["data"]["item"]["id"], id.as_str());
    assert_eq!(one.body["delivery_attempts"], 1);
    assert!(one.id().starts_with("notif_"));
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_well_is_refused_with_the_reason() {
    let told = Told::start(fast(100)).await;
    for (status, reason) in [(500, "HEAD was answered with 500"), (0, "no answer in 5 s")] {
        told.endpoint.always_answer(status);
        let (code, answer) = told.set(json!({ "url": told.endpoint.url })).await;
        assert_eq!(code, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer["status"]["standing"], "refused");
        let given = answer["status"]["reason"].as_str().unwrap();
        assert!(given.contains(reason), "{given}");
    }
    told.endpoint.always_answer(200);
    let (code, answer) = told.set(json!({ "url": told.endpoint.url })).await;
    assert_eq!(
        (code, &answer["status"]["standing"]),
        (StatusCode::OK, &json!("live"))
    );
    for nonsense in [
        json!({ "version": "2.3" }),
        json!({ "topics": ["user.created"] }),
        json!({ "drops": 1.5 }),
        json!({ "url": "file:///etc" }),
        json!({ "colour": "red" }),
    ] {
        let (code, answer) = told.set(nonsense).await;
        assert_eq!(code, StatusCode::BAD_REQUEST);
        assert!(answer["error"].is_string());
    }
}

#[tokio::test]
async fn a_failure_is_retried_once_with_the_same_id() {
    let told = Told::start(fast(100)).await;
    let id = told.open_one().await;
    told.endpoint.wait_for(2).await;
    for (statuses, outcome) in [([500, 200], "delivered"), ([503, 503], "failed")] {
        let before = told.endpoint.received().len();
        told.endpoint.answer(&statuses);
        told.note(&id).await;
        let received = told.endpoint.wait_for(before + 2).await;
        let [first, second] = &received[before..] else {
            panic!("{}", received.len());
        };
        assert_eq!(first.id(), second.id());
        assert_eq!(second.body["delivery_attempts"], 2);
        assert_eq!(first.body["first_sent_at"], second.body["first_sent_at"]);
        assert_eq!(first.body["data"], second.body["data"]);
        let ledger = told.settled().await;
        let last = ledger.last().unwrap();
        assert_eq!(last["outcome"]["is"], outcome);
        assert_eq!(last["attempts"].as_array().unwrap().len(), 2);
    }
    told.set(json!({ "retry_changes_id": true })).await;
    let before = told.endpoint.received().len();
    told.endpoint.answer(&[500]);
    told.note(&id).await;
    let received = told.endpoint.wait_for(before + 2).await;
    assert_ne!(received[before].id(), received[before + 1].id());
}

#[tokio::test]
async fn silence_counts_as_a_failure() {
    let told = Told::start(fast(50)).await;
    let id = told.open_one().await;
    told.endpoint.wait_for(2).await;
    told.endpoint.answer(&[0]);
    told.note(&id).await;
    told.endpoint.wait_for(4).await;
    let ledger = told.settled().await;
    let attempts = ledger.last().unwrap()["attempts"].as_array().unwrap();
    let answers: Vec<_> = attempts.iter().map(|attempt| &attempt["answer"]).collect();
    assert_eq!(answers, ["no answer in 5 s", "200"]);
}

#[tokio::test]
async fn gone_disables_the_subscription_until_it_is_set_up_again() {
    let told = Told::start(fast(100)).await;
    let id = told.open_one().await;
    told.endpoint.wait_for(2).await;
    told.endpoint.answer(&[410]);
    told.note(&id).await;
    told.settled().await;
    assert_eq!(
        told.get("/_simulator/webhooks").await["status"]["standing"],
        "disabled"
    );
    told.note(&id).await;
    let ledger = told.settled().await;
    let outcome = &ledger.last().unwrap()["outcome"];
    assert_eq!(
        outcome,
        &json!({ "is": "lost", "reason": "the endpoint answered 410" })
    );
    assert_eq!(told.endpoint.received().len(), 3);
    told.set(json!({ "url": told.endpoint.url })).await;
    told.note(&id).await;
    told.endpoint.wait_for(4).await;
}

#[tokio::test]
async fn too_many_requests_throttle_everything_and_lose_nothing() {
    let told = Told::start(fast(40)).await;
    let id = told.open_one().await;
    told.endpoint.wait_for(2).await;
    told.endpoint.answer(&[429]);
    for _ in 0..5 {
        told.note(&id).await;
    }
    let ledger = told.settled().await;
    assert!(
        ledger
            .iter()
            .all(|line| line["outcome"]["is"] == "delivered")
    );
    let parts: BTreeSet<String> = told
        .endpoint
        .received()
        .iter()
        .map(|one| one.body["data"]["item"]["conversation_parts"].to_string())
        .collect();
    assert!(parts.len() >= 5);
}

#[tokio::test]
async fn a_thousand_errors_pause_the_deliveries() {
    let told = Told::start(fast(5)).await;
    let id = told.open_one().await;
    told.endpoint.wait_for(2).await;
    told.endpoint.always_answer(500);
    let mut paused = false;
    for number in 0..4000 {
        told.note(&id).await;
        if number % 50 != 0 {
            continue;
        }
        let ledger = told.get("/_simulator/webhooks/demo?per_page=1").await;
        if ledger["notifications"][0]["outcome"]["reason"] == "paused after too many errors" {
            paused = true;
            break;
        }
    }
    assert!(paused);
    told.endpoint.always_answer(200);
    told.settled().await;
    let before = told.endpoint.received().len();
    while told.endpoint.received().len() == before {
        told.note(&id).await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_suspended_subscription_tells_nothing() {
    let told = Told::start(WebhookSettings::default()).await;
    let id = told.open_one().await;
    told.endpoint.wait_for(2).await;
    let (_, answer) = told.set(json!({ "suspended": true })).await;
    assert_eq!(answer["status"]["standing"], "suspended");
    told.note(&id).await;
    told.set(json!({ "suspended": false, "topics": ["conversation.admin.closed"] }))
        .await;
    told.note(&id).await;
    let path = format!("conversations/{id}");
    told.happen(&path, json!({ "what": "close" })).await;
    let received = told.endpoint.wait_for(3).await;
    assert_eq!(received[2].topic(), "conversation.admin.closed");
    let ledger = told.settled().await;
    assert_eq!(ledger.len(), 4, "what is not subscribed to is not written");
}

#[tokio::test]
async fn duplicates_lateness_and_losses_are_in_the_ledger() {
    let told = Told::start(WebhookSettings {
        duplicates: 0.3,
        reorder: 0.5,
        reorder_within_ms: 300,
        drops: 0.2,
        ..fast(100)
    })
    .await;
    let id = told.open_one().await;
    for _ in 0..150 {
        told.note(&id).await;
    }
    let ledger = told.settled().await;
    let by_outcome = |outcome: &str| {
        let lines = ledger.iter();
        lines
            .filter(|line| line["outcome"]["is"] == outcome)
            .map(|line| line["id"].as_str().unwrap().to_owned())
            .collect::<BTreeSet<_>>()
    };
    let (sent, lost) = (by_outcome("delivered"), by_outcome("lost"));
    let copies = || {
        let mut copies: BTreeMap<String, usize> = BTreeMap::new();
        for one in told.endpoint.received() {
            *copies.entry(one.id().to_owned()).or_default() += 1;
        }
        copies
    };
    until(|| copies().values().filter(|count| **count > 1).count() > 20).await;
    let copies = copies();
    assert_eq!(copies.keys().cloned().collect::<BTreeSet<_>>(), sent);
    assert!((10..60).contains(&lost.len()), "{}", lost.len());
    let arrived = told.endpoint.received();
    let times: Vec<_> = arrived
        .iter()
        .filter_map(|one| {
            let parts = &one.body["data"]["item"]["conversation_parts"]["conversation_parts"];
            parts[0]["id"].as_str()?.parse::<u64>().ok()
        })
        .collect();
    assert!(!times.is_sorted(), "some came late");
}

#[tokio::test]
async fn only_workspaces_with_the_app_are_told_of_and_uninstalling_is_told_elsewhere() {
    let farewell = Endpoint::start().await;
    let told = Told::start(WebhookSettings {
        uninstall_url: Some(farewell.url.clone()),
        ..WebhookSettings::default()
    })
    .await;
    let begun = json!({ "lead": { "name": "Bo" } });
    let elsewhere = "/_simulator/story/small/conversations";
    told.played.post(elsewhere, &begun).await;
    assert_eq!(
        told.get("/_simulator/webhooks/small").await["counts"]["notifications"],
        0
    );
    let small = "sim_full_small_a1b2c3d4e5f60718293a4b5c6d7e8f90";
    let me = format!("{}/me", told.played.simulator.url());
    let answer = told.played.client.get(me).bearer_auth(small).send().await;
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
    told.played.post(elsewhere, &begun).await;
    let received = told.endpoint.wait_for(2).await;
    assert!(received.iter().all(|one| one.body["app_id"] == "pxt4h9ra"));

    let gone = "/_simulator/webhooks/demo/uninstall";
    told.played.post(gone, &json!({})).await;
    let farewells = farewell.wait_for(1).await;
    assert_eq!(farewells[0].body, json!({ "app_id": "nwc7k2qx" }));
    assert!(!farewells[0].headers.contains_key("x-hub-signature"));
    told.open_one().await;
    assert_eq!(told.endpoint.received().len(), 2);
}

#[tokio::test]
async fn a_workspace_can_have_an_app_of_its_own() {
    let told = Told::start(WebhookSettings::default()).await;
    let own = Endpoint::start().await;
    let settings = json!({ "url": own.url, "secret": "their own", "version": "2.14" });
    let path = "/_simulator/webhooks/demo/own";
    let request = told.played.request(Method::PUT, path).json(&settings);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    until_pinged(&own).await;
    told.open_one().await;
    let received = own.wait_for(2).await;
    assert!(received.iter().all(|one| signed(one, "their own")));
    assert_eq!(told.endpoint.wait_for(2).await.len(), 2);
    let shown = told.get(path).await;
    assert_eq!(shown["settings"]["secret"], "***");

    // Where only the own app works, nobody else is told.
    let small = "sim_full_small_a1b2c3d4e5f60718293a4b5c6d7e8f90";
    let me = format!("{}/me", told.played.simulator.url());
    let answer = told.played.client.get(me).bearer_auth(small).send().await;
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
    let request = told
        .played
        .request(Method::PUT, "/_simulator/webhooks/small/own");
    request.json(&settings).send().await.unwrap();
    let begun = json!({ "lead": { "name": "Bo" } });
    told.played
        .post("/_simulator/story/small/conversations", &begun)
        .await;
    own.wait_for(4).await;
    assert_eq!(told.endpoint.received().len(), 2);
}

#[tokio::test]
async fn an_endpoint_may_start_later_than_the_simulator() {
    let endpoint = Endpoint::start().await;
    endpoint.answer(&[503, 503]);
    let told = Told::with(endpoint, config(), WebhookSettings::default()).await;
    assert!(told.endpoint.heads() >= 3);
}

#[tokio::test]
async fn five_hundred_changes_a_second_go_out_whole() {
    let config = Config {
        contacts: 5_000,
        conversations: 20_000,
        ..config()
    };
    let told = Told::with(Endpoint::start().await, config, fast(1000)).await;
    let id = told.open_one().await;
    let path = format!("/_simulator/story/demo/conversations/{id}");
    let notes = futures::stream::iter(0..1000);
    futures::StreamExt::for_each_concurrent(notes, 16, |_| async {
        let note = json!({ "what": "note" });
        let response = told.played.post(&path, &note).await;
        assert_eq!(response.status(), StatusCode::OK);
    })
    .await;
    let ledger = told.settled().await;
    assert_eq!(ledger.len(), 1002);
    let received = told.endpoint.received();
    let ids: BTreeSet<&str> = received.iter().map(Received::id).collect();
    assert_eq!(ids.len(), 1002);
    let parts: BTreeSet<u64> = received
        .iter()
        .filter_map(|one| {
            one.body["data"]["item"]["statistics"]["count_conversation_parts"].as_u64()
        })
        .collect();
    assert_eq!(parts, (1..=1001).collect());
}

#[tokio::test]
async fn nothing_is_told_without_an_endpoint() {
    let simulator = Simulator::start(config()).await.unwrap();
    let url = format!("{}/_simulator/webhooks", simulator.url());
    let about: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    assert_eq!(about["status"]["standing"], "unset");
}
