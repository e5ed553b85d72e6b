//! A running simulator and a client for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use harken_simulator::{Clock, Config, Handle, Simulator};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

pub(crate) const FULL: &str = "sim_full_demo_a1b2c3d4e5f60718293a4b5c6d7e8f90";
pub(crate) const EPOCH: i64 = 1_795_132_800;
pub(crate) const REDIRECT: &str = "http://127.0.0.1:7400/back?kept=1";

pub(crate) struct Played {
    pub(crate) simulator: Handle,
    pub(crate) client: Client,
    now_ms: Arc<AtomicI64>,
}

pub(crate) fn config() -> Config {
    Config {
        redirect_uris: vec![REDIRECT.to_owned(), "https://other.example/cb".to_owned()],
        contacts: 150,
        conversations: 600,
        epoch: chrono::DateTime::from_timestamp(EPOCH, 0),
        ..Config::default()
    }
}

impl Played {
    /// Starts at [`EPOCH`]; time stands still until it is moved.
    pub(crate) async fn start(config: Config) -> Self {
        let now_ms = Arc::new(AtomicI64::new(EPOCH * 1000));
        let config = Config {
            clock: Clock::Manual(now_ms.clone()),
            ..config
        };
        let simulator = Simulator::start(config).await.unwrap();
        // Whoever comes first installs it for all.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let redirects = reqwest::redirect::Policy::none();
        let client = Client::builder().redirect(redirects).build().unwrap();
        Self {
            simulator,
            client,
            now_ms,
        }
    }

    pub(crate) fn pass_secs(&self, seconds: i64) {
        self.now_ms.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.simulator.url()))
            .bearer_auth(FULL)
    }

    pub(crate) async fn send(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let response = self.send(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path)
            .json(body)
            .send()
            .await
            .unwrap()
    }

    pub(crate) async fn refusal(&self, response: Response) -> (u16, String) {
        let status = response.status().as_u16();
        let request_id = response.headers().get("x-request-id").cloned();
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["type"], "error.list");
        if let Some(request_id) = request_id {
            assert_eq!(body["request_id"], request_id.to_str().unwrap());
        }
        (
            status,
            body["errors"][0]["code"].as_str().unwrap().to_owned(),
        )
    }

    /// Every record of a search, page by page.
    pub(crate) async fn search(&self, what: &str, body: Value, per_page: u64) -> Vec<Value> {
        let key = if what == "contacts" {
            "data"
        } else {
            "conversations"
        };
        let (mut found, mut cursor) = (Vec::new(), Value::Null);
        for page in 1.. {
            let mut body = body.clone();
            body["pagination"] = json!({ "per_page": per_page, "starting_after": cursor });
            let response = self.post(&format!("/{what}/search"), &body).await;
            assert_eq!(response.status(), StatusCode::OK);
            let answer: Value = response.json().await.unwrap();
            assert_eq!(answer["pages"]["page"], page);
            found.extend(answer[key].as_array().unwrap().iter().cloned());
            cursor = answer["pages"]["next"]["starting_after"].clone();
            if cursor.is_null() {
                assert_eq!(answer["total_count"], found.len());
                break;
            }
        }
        found
    }

    pub(crate) async fn truth(&self, what: &str) -> Vec<Value> {
        let text = self
            .send(&format!("/_simulator/truth/demo/{what}"))
            .await
            .text()
            .await
            .unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

pub(crate) fn ids(records: &[Value]) -> Vec<&str> {
    records
        .iter()
        .map(|record| record["id"].as_str().unwrap())
        .collect()
}

pub(crate) fn condition(field: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!({ "query": { "field": field, "operator": operator, "value": value.into() } })
}
