//! What was not invited is found nowhere: not what people said, nor who they are.

use std::collections::BTreeSet;

use harken_contracts::wire::scoring::v1::ListScoresRequest;
use harken_contracts::wire::sync::v1::{GetSampleRequest, RunKind, StartRunRequest};
use harken_contracts::wire::types::v1::DataPolicy;
use harken_contracts::wire::vault::v1::{ConnectWithTokenRequest, SetWebhookSecretRequest};
use harken_system_tests::traffic::hub_signature;
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Browser, provide_crypto};
use crate::client::Client;
use crate::collector::Collector;
use crate::haystack::{collect, contains, dump, forms};
use crate::house::House;
use crate::patience::eventually;

/// A private access token that the simulator knows for its small workspace.
const TOKEN: &str = "sim_full_small_a1b2c3d4e5f60718293a4b5c6d7e8f90";
const WORKSPACE: &str = "pxt4h9ra";
/// Stands in every text that people wrote, and in everything that tells who they are.
const WORD: &str = "zqcanaryzqthatmustnotsing";
const SECRET: &str = "own-app-secret-of-the-canary";
/// Notifications that come in each serialisation.
const MANY: usize = 60;

/// Everything that a deployment kept and told of a workspace.
struct Kept {
    places: Vec<(String, Vec<u8>)>,
    /// Intercom's ids of the workspace's contacts.
    people: BTreeSet<String>,
}

impl Kept {
    /// Where a word is found, in any of its forms.
    fn places_of(&self, word: &str) -> BTreeSet<&str> {
        let found = self.places.iter().filter(|(_, bytes)| {
            let mut forms = forms(word).into_iter();
            forms.any(|form| contains(bytes, form.as_bytes()))
        });
        found.map(|(place, _)| place.as_str()).collect()
    }

    /// People whose ids are found as they are, and where.
    fn people_found(&self) -> BTreeSet<(&str, &str)> {
        let length = self.people.first().map_or(1, String::len);
        let mut found = BTreeSet::new();
        for (place, bytes) in &self.places {
            for word in bytes.split(|byte| !byte.is_ascii_alphanumeric()) {
                for part in word.windows(length) {
                    if let Ok(part) = std::str::from_utf8(part)
                        && let Some(person) = self.people.get(part)
                    {
                        found.insert((place.as_str(), person.as_str()));
                    }
                }
            }
        }
        found
    }
}

/// What stands around a word, for whoever has to find out how it came there.
fn around(bytes: &[u8], word: &str) -> String {
    let text = String::from_utf8_lossy(bytes);
    let found = forms(word).into_iter().find_map(|form| text.find(&form));
    let before = found.map_or("", |at| &text[..at]);
    let line = &text[before.rfind('\n').map_or(0, |end| end + 1)..];
    line.chars().take(600).collect()
}

#[tokio::test]
async fn what_was_not_invited_is_found_nowhere() {
    let kept = Box::pin(kept_of(DataPolicy::MetadataOnly)).await;
    assert_eq!(kept.places_of(WORD), BTreeSet::new());
    assert!(kept.people.len() >= 50);
    assert_eq!(kept.people_found(), BTreeSet::new());
    for person in kept.people.iter().take(2) {
        assert_eq!(
            kept.places_of(person),
            BTreeSet::new(),
            "{person}, written otherwise"
        );
    }
}

#[tokio::test]
async fn what_was_invited_is_found_where_it_belongs_and_in_no_log() {
    let kept = Box::pin(kept_of(DataPolicy::Full)).await;
    let found = kept.places_of(WORD);
    for place in [
        "database",
        "bus",
        "dead letters",
        "sample",
        "customers",
        "export contacts",
        "export companies",
        "export conversations",
        "export parts",
        "export scores",
    ] {
        assert!(found.contains(place), "{place}: only {found:?}");
    }
    for (place, bytes) in &kept.places {
        let is_told = matches!(place.as_str(), "log" | "metrics" | "traces");
        assert!(
            !(is_told && found.contains(place.as_str())),
            "{place}: {}",
            around(bytes, WORD)
        );
    }
    let people = kept.people_found();
    assert!(people.iter().any(|(place, _)| *place == "database"));
    assert!(people.iter().any(|(place, _)| *place == "bus"));
}

/// Fills a connection of this policy by import and by notifications in both serialisations, and gathers what is left of it.
async fn kept_of(policy: DataPolicy) -> Kept {
    provide_crypto();
    let collector = Collector::open().await;
    let endpoint = collector.endpoint().to_owned();
    let environment = [
        ("HARKEN_OTLP_ENDPOINT", endpoint.as_str()),
        ("HARKEN_LOG", "trace"),
    ];
    let flags = ["--contacts", "1", "--conversations", "1"];
    let mut house = House::open_with(&flags, &environment).await;
    let client = Client::of(&house);
    control(&house, Method::POST, "/canary", json!({ "word": WORD })).await;

    let request = ConnectWithTokenRequest {
        access_token: TOKEN.to_owned(),
        data_policy: policy.into(),
        ..ConnectWithTokenRequest::default()
    };
    let connected = client.vault().connect_with_token(request).await.unwrap();
    let connection = connected.into_inner().connection_id;
    client.whole_run(&connection).await;
    notifications(&house, &client, &connection).await;
    let request = StartRunRequest {
        connection_id: connection.clone(),
        kind: RunKind::Incremental.into(),
    };
    client.sync().start_run(request).await.unwrap();
    client.whole_run(&connection).await;
    let kept = gather(&mut house, &client, &connection, &collector).await;
    eventually_scored(&kept);
    kept
}

/// Scores were computed, of people without names too.
fn eventually_scored(kept: &Kept) {
    let scores = kept
        .places
        .iter()
        .find(|(place, _)| place == "export scores");
    let lines = String::from_utf8_lossy(&scores.unwrap().1).lines().count();
    assert!(lines > 20, "{lines} scores");
}

/// A notification of a workspace that is nobody's yet: it came by an address of another.
async fn strangers_notification(house: &House, path: &str) {
    let body = notification(
        "conversation.user.replied",
        "notif_stranger",
        &json!({
            "type": "conversation", "id": "1", "title": WORD, "source": {"body": WORD},
            "contacts": {"contacts": [{"id": "aaaaaaaaaaaaaaaaaaaaaaaa", "email": format!("{WORD}@people.example")}]},
        }),
    );
    let body = body.replace(WORKSPACE, "nobodys");
    let status = post(house, path, SECRET, body).await;
    assert_eq!(status, 200, "it waits in quarantine");
}

fn notification(topic: &str, id: &str, item: &Value) -> String {
    json!({
        "type": "notification_event", "app_id": WORKSPACE, "id": id, "topic": topic, "created_at": 1_790_000_000,
        "delivery_attempts": 1, "self": WORD, "data": {"type": "notification_event_data", "item": item},
    })
    .to_string()
}

async fn post(house: &House, path: &str, secret: &str, body: String) -> u16 {
    let signature = hub_signature(secret.as_bytes(), body.as_bytes());
    let answer = reqwest::Client::new()
        .post(format!("{}{path}", house.ready().ingress))
        .header("x-hub-signature", signature)
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await
        .unwrap();
    answer.status().as_u16()
}

/// Lets the story go on in both serialisations, and sends what nobody can read.
async fn notifications(house: &House, client: &Client, connection: &str) {
    let request = SetWebhookSecretRequest {
        connection_id: connection.to_owned(),
        secret: SECRET.to_owned(),
        grace_secs: None,
    };
    client.vault().set_webhook_secret(request).await.unwrap();
    let path = format!("/api/v1/webhooks/intercom/{connection}");
    let url = format!("{}{path}", house.ready().ingress);
    for (n, version) in ["2.14", "2.16"].into_iter().enumerate() {
        let own = json!({ "url": url, "secret": SECRET, "version": version });
        control(house, Method::PUT, "/webhooks/small/own", own).await;
        control(house, Method::PUT, "/story", json!({ "per_minute": 6000 })).await;
        delivered(house, (n + 1) * MANY).await;
        control(house, Method::PUT, "/story", json!({ "per_minute": 0 })).await;
    }
    for (n, item) in [json!({"body": WORD, "title": WORD}), json!(WORD)]
        .iter()
        .enumerate()
    {
        let id = format!("notif_unreadable_{n}");
        let body = notification("conversation.user.replied", &id, item);
        assert_eq!(post(house, &path, SECRET, body).await, 200);
    }
    strangers_notification(house, &path).await;
    let broken = format!("{{\"app_id\": \"{WORKSPACE}\", \"topic\": \"{WORD}");
    assert_eq!(post(house, &path, SECRET, broken).await, 400);
    eventually("what nobody can read is dead", || async {
        let dead = say(house, &["dead", "list", "--json"]).await;
        (dead.lines().count() >= 2).then_some(())
    })
    .await;
}

async fn delivered(house: &House, many: usize) {
    eventually(&format!("{many} are delivered"), || async {
        let text = control(house, Method::GET, "/webhooks/small", Value::Null).await;
        let log: Value = text.parse().unwrap();
        let delivered = log["counts"]["outcomes"]["delivered"].as_u64().unwrap_or(0);
        (delivered >= many as u64).then_some(())
    })
    .await;
}

async fn gather(
    house: &mut House,
    client: &Client,
    connection: &str,
    collector: &Collector,
) -> Kept {
    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    let people = control(house, Method::GET, "/truth/small/contacts", Value::Null).await;
    let people = people.lines().map(|line| {
        let line: Value = line.parse().unwrap();
        line["id"].as_str().unwrap().to_owned()
    });
    let people: BTreeSet<String> = people.collect();
    eventually("everybody is scored", || async {
        let request = ListScoresRequest::default();
        let listed = client
            .scoring()
            .list_scores(request)
            .await
            .ok()?
            .into_inner();
        (listed.page?.total_count > 20).then_some(())
    })
    .await;
    for kind in ["contacts", "companies", "conversations", "parts", "scores"] {
        let exported = say(house, &["export", kind]).await;
        assert!(!exported.is_empty(), "{kind}");
        let csv = say(house, &["export", kind, "--format", "csv"]).await;
        places.push((format!("export {kind}"), (exported + &csv).into_bytes()));
    }
    for words in [&["score", "list", "--json"][..], &["sync", "log"]] {
        let said = say(house, words).await;
        places.push((words.join(" "), said.into_bytes()));
    }
    let letters = dead_letters(house).await;
    places.push(("dead letters".to_owned(), letters.into_bytes()));
    let request = GetSampleRequest {
        connection_id: connection.to_owned(),
    };
    let sample = client
        .sync()
        .get_sample(request)
        .await
        .unwrap()
        .into_inner();
    assert!(sample.records.len() >= 5, "{sample:?}");
    places.push(("sample".to_owned(), format!("{sample:?}").into_bytes()));

    let mut browser = Browser::new();
    browser.open(&house.ready().sign_in).await;
    browser.submit("/sign-in/", &[]).await;
    for (name, path) in [("customers", "/customers"), ("activity", "/activity")] {
        let page = browser.open(path).await;
        assert_eq!(page.status, 200, "{path}");
        places.push((name.to_owned(), page.text.clone().into_bytes()));
    }
    let metrics = reqwest::get(format!("{}/metrics", house.ready().ops))
        .await
        .unwrap();
    places.push((
        "metrics".to_owned(),
        metrics.bytes().await.unwrap().to_vec(),
    ));
    let database = dump(house).await;
    assert!(contains(
        &database,
        connection.trim_start_matches("con_").as_bytes()
    ));
    places.push(("database".to_owned(), database));
    house.stop().await;
    places.push(("log".to_owned(), house.log().into_bytes()));
    let traces = collector.received();
    assert!(!traces.is_empty(), "traces were exported");
    places.push(("traces".to_owned(), traces));
    let mut bus = Vec::new();
    collect(
        &house.folder().join(".harken"),
        &["postgres", "simulator"],
        &mut bus,
    );
    assert!(contains(&bus, b"harken.record.v1.") && contains(&bus, b"harken.dead.v1."));
    places.push(("bus".to_owned(), bus));
    Kept { places, people }
}

/// Every dead letter, listed and shown.
async fn dead_letters(house: &House) -> String {
    let listed = say(house, &["dead", "list", "--json"]).await;
    let mut shown = listed.clone();
    for line in listed.lines() {
        let line: Value = line.parse().unwrap();
        let id = line["dead_letter_id"].to_string();
        shown += &say(house, &["dead", "show", id.trim_matches('"'), "--json"]).await;
    }
    shown
}

async fn say(house: &House, words: &[&str]) -> String {
    let output = house.command(words).output().await.unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words:?}: {stderr}");
    String::from_utf8(output.stdout).unwrap() + &stderr
}

/// Asks the simulator for something that Intercom has no API for.
async fn control(house: &House, method: Method, path: &str, body: Value) -> String {
    let simulator = house.ready().simulator.as_deref().unwrap();
    let request = reqwest::Client::new().request(method, format!("{simulator}/_simulator{path}"));
    let request = if body.is_null() {
        request
    } else {
        request.json(&body)
    };
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{path}: {status} {text}");
    text
}
