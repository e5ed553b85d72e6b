//! An endpoint that keeps what it is sent and answers as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
    pub(crate) body: Value,
}

impl Received {
    pub(crate) fn topic(&self) -> &str {
        self.body["topic"].as_str().unwrap_or("")
    }

    pub(crate) fn id(&self) -> &str {
        self.body["id"].as_str().unwrap_or("")
    }
}

#[derive(Debug, Default)]
struct Inner {
    received: Vec<Received>,
    /// Statuses of the next answers; 0 never answers.
    script: VecDeque<u16>,
    otherwise: u16,
    heads: usize,
}

pub(crate) struct Endpoint {
    pub(crate) url: String,
    inner: Arc<Mutex<Inner>>,
    _serving: JoinSet<()>,
}

impl Endpoint {
    pub(crate) async fn start() -> Self {
        let inner = Arc::new(Mutex::new(Inner {
            otherwise: 200,
            ..Inner::default()
        }));
        let router = Router::new().fallback(take).with_state(inner.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            url,
            inner,
            _serving: serving,
        }
    }

    /// The next answers, in order; 0 never answers.
    pub(crate) fn answer(&self, statuses: &[u16]) {
        self.inner.lock().unwrap().script.extend(statuses);
    }

    pub(crate) fn always_answer(&self, status: u16) {
        self.inner.lock().unwrap().otherwise = status;
    }

    pub(crate) fn heads(&self) -> usize {
        self.inner.lock().unwrap().heads
    }

    /// Everything but pings, in order of arrival.
    pub(crate) fn received(&self) -> Vec<Received> {
        let inner = self.inner.lock().unwrap();
        let all = inner.received.iter();
        all.filter(|one| one.topic() != "ping").cloned().collect()
    }

    pub(crate) fn pings(&self) -> Vec<Received> {
        let inner = self.inner.lock().unwrap();
        let all = inner.received.iter();
        all.filter(|one| one.topic() == "ping").cloned().collect()
    }

    /// Waits until so many came, pings aside.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Received> {
        until(|| self.received().len() >= count).await;
        self.received()
    }
}

/// Waits until something holds; fails after half a minute.
pub(crate) async fn until(holds: impl Fn() -> bool + Send + Sync) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting)
        .await
        .expect("it never came to hold");
}

async fn take(
    State(inner): State<Arc<Mutex<Inner>>>,
    method: Method,
    headers: HeaderMap,
    bytes: Bytes,
) -> StatusCode {
    let status = {
        let mut inner = inner.lock().unwrap();
        if method == Method::HEAD {
            inner.heads += 1;
        } else {
            let body = serde_json::from_slice(&bytes).unwrap();
            inner.received.push(Received {
                headers,
                bytes,
                body,
            });
        }
        let otherwise = inner.otherwise;
        inner.script.pop_front().unwrap_or(otherwise)
    };
    if status == 0 {
        std::future::pending::<()>().await;
    }
    StatusCode::from_u16(status).unwrap()
}
