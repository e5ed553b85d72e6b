//! What an app is told, and how.

mod delivery;
mod persistence;
mod shapes;
mod story;

use harken_simulator::{Config, WebhookSettings};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::endpoint::{Endpoint, until};
use crate::harness::{Played, config};

/// A simulator that tells an endpoint about the demo workspace.
pub(super) struct Told {
    pub(super) played: Played,
    pub(super) endpoint: Endpoint,
}

impl Told {
    pub(super) async fn start(settings: WebhookSettings) -> Self {
        let endpoint = Endpoint::start().await;
        Self::with(endpoint, config(), settings).await
    }

    pub(super) async fn with(
        endpoint: Endpoint,
        config: Config,
        settings: WebhookSettings,
    ) -> Self {
        let webhooks = WebhookSettings {
            url: Some(endpoint.url.clone()),
            ..settings
        };
        let played = Played::start(Config { webhooks, ..config }).await;
        played
            .post("/_simulator/webhooks/demo/install", &json!({}))
            .await;
        let told = Self { played, endpoint };
        told.until_live().await;
        told
    }

    pub(super) async fn until_live(&self) {
        let mut status = Value::Null;
        for _ in 0..400 {
            status = self.get("/_simulator/webhooks").await["status"].clone();
            if status["standing"] == "live" {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("never live: {status}");
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        self.played.get(path).await
    }

    pub(super) async fn set(&self, settings: Value) -> (StatusCode, Value) {
        let request = self.played.request(Method::PUT, "/_simulator/webhooks");
        let response = request.json(&settings).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// Posts to the story; the answer of what worked.
    pub(super) async fn happen(&self, path: &str, what: Value) -> Value {
        let path = format!("/_simulator/story/demo/{path}");
        let response = self.played.post(&path, &what).await;
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path} {what}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    pub(super) async fn note(&self, conversation: &str) -> Value {
        let path = format!("conversations/{conversation}");
        self.happen(&path, json!({ "what": "note" })).await
    }

    /// An open conversation.
    pub(super) async fn open_one(&self) -> String {
        let begun = json!({ "lead": { "name": "Ana", "email": "ana@x.example" } });
        let begun = self.happen("conversations", begun).await;
        begun["id"].as_str().unwrap().to_owned()
    }

    /// Lines of the ledger, pings aside.
    pub(super) async fn ledger(&self) -> Vec<Value> {
        let sent = self.played.send("/_simulator/webhooks/demo/sent").await;
        let text = sent.text().await.unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines
            .filter(|line: &Value| line["topic"] != "ping")
            .collect()
    }

    /// Waits until nothing is on its way, and reads the ledger.
    pub(super) async fn settled(&self) -> Vec<Value> {
        for _ in 0..1500 {
            let ledger = self.ledger().await;
            if ledger.iter().all(|line| line["outcome"]["is"] != "pending") {
                return ledger;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("still on its way: {:?}", self.ledger().await);
    }
}

/// Rules of delivery in which a second lasts so many milliseconds, and a retry comes after two.
pub(super) fn fast(second_ms: u64) -> WebhookSettings {
    WebhookSettings {
        second_ms,
        retry_secs: 2,
        ..WebhookSettings::default()
    }
}

pub(super) async fn until_pinged(endpoint: &Endpoint) {
    until(|| !endpoint.pings().is_empty()).await;
}
