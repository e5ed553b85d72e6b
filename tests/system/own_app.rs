//! An organization's own app in Intercom: its secret set wrong, set right, and replaced while notifications come.

use std::collections::BTreeMap;

use harken_contracts::wire::sync::v1::{NotificationOutcome, TraceNotificationsRequest};
use harken_contracts::wire::vault::v1::{
    ConnectWithTokenRequest, RetireWebhookSecretRequest, SetWebhookSecretRequest,
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::client::Client;
use crate::house::House;
use crate::patience::eventually;

/// A private access token that the simulator knows for its small workspace.
const TOKEN: &str = "sim_full_small_a1b2c3d4e5f60718293a4b5c6d7e8f90";
const FIRST: &str = "own-app-secret-the-first";
const SECOND: &str = "own-app-secret-the-second";
/// Notifications that are to come in each phase of the replacement.
const MANY: usize = 150;

#[derive(Debug, Deserialize)]
struct Sent {
    id: Option<String>,
    outcome: Value,
}

/// What the simulator wrote down about its deliveries.
#[derive(Debug, Deserialize)]
struct Log {
    counts: Counts,
}

#[derive(Debug, Deserialize)]
struct Counts {
    outcomes: BTreeMap<String, usize>,
}

#[tokio::test]
async fn an_own_app_shows_a_wrong_secret_and_loses_nothing_while_its_secret_is_replaced() {
    let mut house = House::open(&["--contacts", "1", "--conversations", "1"]).await;
    let mut browser = Browser::new();
    browser.open(&house.ready().sign_in).await;
    browser.submit("/sign-in/", &[]).await;
    let client = Client::of(&house);
    let request = ConnectWithTokenRequest {
        access_token: TOKEN.to_owned(),
        ..ConnectWithTokenRequest::default()
    };
    let connection = client.vault().connect_with_token(request).await.unwrap();
    let connection = connection.into_inner().connection_id;
    client.whole_run(&connection).await;

    let url = format!(
        "{}/api/v1/webhooks/intercom/{connection}",
        house.ready().ingress
    );
    replace(&client, &connection, FIRST).await;
    let wrong = json!({ "url": url, "secret": "not-the-secret", "retry_secs": 12 });
    control(&house, Method::PUT, "/webhooks/small/own", wrong).await;
    let settings = format!("/settings/integrations/{connection}");
    the_page_says(&mut browser, &settings, "Last failure: signature").await;

    sign_with(&house, FIRST).await;
    let ping = "/webhooks/small/ping";
    eventually("a ping is taken", || async {
        control(&house, Method::POST, ping, Value::Null).await;
        outcomes(&house)
            .await
            .contains_key("delivered")
            .then_some(())
    })
    .await;
    control(&house, Method::DELETE, "/webhooks/small", Value::Null).await;

    pace(&house, 6000).await;
    delivered(&house, MANY).await;
    replace(&client, &connection, SECOND).await;
    delivered(&house, 2 * MANY).await;
    sign_with(&house, SECOND).await;
    delivered(&house, 3 * MANY).await;
    the_page_says(&mut browser, &settings, "End the old one now").await;
    let request = RetireWebhookSecretRequest {
        connection_id: connection.clone(),
    };
    client.vault().retire_webhook_secret(request).await.unwrap();
    delivered(&house, 4 * MANY).await;
    pace(&house, 0).await;
    nothing_was_lost(&house, &client, &connection).await;

    control(&house, Method::DELETE, "/webhooks/small", Value::Null).await;
    sign_with(&house, FIRST).await;
    eventually("the retired secret is refused", || async {
        control(&house, Method::POST, ping, Value::Null).await;
        outcomes(&house).await.contains_key("failed").then_some(())
    })
    .await;
    house.stop().await;
}

async fn replace(client: &Client, connection: &str, secret: &str) {
    let request = SetWebhookSecretRequest {
        connection_id: connection.to_owned(),
        secret: secret.to_owned(),
        grace_secs: None,
    };
    client.vault().set_webhook_secret(request).await.unwrap();
}

async fn sign_with(house: &House, secret: &str) {
    let secret = json!({ "secret": secret });
    control(house, Method::PUT, "/webhooks/small/own", secret).await;
}

async fn pace(house: &House, per_minute: u64) {
    let pace = json!({ "per_minute": per_minute });
    control(house, Method::PUT, "/story", pace).await;
}

async fn the_page_says(browser: &mut Browser, page: &str, words: &str) {
    for _ in 0..2400 {
        if browser.open(page).await.text.contains(words) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the page never said {words:?}");
}

/// Waits until this many notifications were delivered since the log was cleared.
async fn delivered(house: &House, many: usize) {
    eventually(&format!("{many} are delivered"), || async {
        let delivered = outcomes(house).await.get("delivered").copied();
        (delivered.unwrap_or_default() >= many).then_some(())
    })
    .await;
}

async fn outcomes(house: &House) -> BTreeMap<String, usize> {
    let text = control(house, Method::GET, "/webhooks/small", Value::Null).await;
    let log: Log = serde_json::from_str(&text).unwrap();
    log.counts.outcomes
}

/// Everything that was sent was taken, and had its effect.
async fn nothing_was_lost(house: &House, client: &Client, connection: &str) {
    eventually("everything is on its way no more", || async {
        let pending = outcomes(house).await.contains_key("pending");
        (!pending).then_some(())
    })
    .await;
    let text = control(house, Method::GET, "/webhooks/small/sent", Value::Null).await;
    let sent: Vec<Sent> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(sent.len() >= 4 * MANY);
    for notification in &sent {
        assert_eq!(notification.outcome["is"], "delivered", "{notification:?}");
    }
    let ids: Vec<String> = sent.into_iter().filter_map(|sent| sent.id).collect();
    for some in ids.chunks(1000) {
        eventually("every notification has its effect", || async {
            let request = TraceNotificationsRequest {
                connection_id: connection.to_owned(),
                notification_ids: some.to_vec(),
            };
            let traced = client.sync().trace_notifications(request).await.unwrap();
            let traced = traced.into_inner().notifications;
            let arrived = |outcome| {
                !matches!(
                    outcome,
                    NotificationOutcome::Unspecified | NotificationOutcome::Dead
                )
            };
            let all = traced.iter().all(|trace| arrived(trace.outcome()));
            (traced.len() == some.len() && all).then_some(())
        })
        .await;
    }
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
