//! Requests to an endpoint, with the headers Intercom sends.

use std::time::Duration;

use reqwest::Client;
use reqwest::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use reqwest::redirect::Policy;
use tokio::time::Instant;

use super::signature::hub_signature;

const AGENT: &str = "intercom-parrot-service-client/1.0";
const JSON: &str = "application/json";

/// What came back, in words and as a status where there was one.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: Option<u16>,
    /// Why there was no status.
    pub(super) trouble: Option<&'static str>,
    pub(super) latency: Duration,
}

impl Reply {
    /// As the ledger and the refusal of an endpoint tell it.
    pub(super) fn told(&self) -> String {
        match (self.status, self.trouble) {
            (Some(status), _) => status.to_string(),
            (None, trouble) => trouble.unwrap_or("no answer").to_owned(),
        }
    }
}

#[derive(Debug)]
pub(super) struct Post {
    client: Option<Client>,
    timeout: Duration,
}

impl Post {
    pub(super) fn new(timeout: Duration) -> Self {
        // Whoever comes first installs it for all.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .timeout(timeout)
            .redirect(Policy::none())
            .no_proxy();
        Self {
            client: client.build().ok(),
            timeout,
        }
    }

    /// Asks whether an endpoint is there, as when its URL is saved.
    pub(super) async fn head(&self, url: &str) -> Reply {
        let request = |client: &Client| client.head(url).header(USER_AGENT, AGENT);
        self.send(request).await
    }

    pub(super) async fn send_signed(
        &self,
        url: &str,
        secret: Option<&str>,
        body: Vec<u8>,
    ) -> Reply {
        let signature = secret.map(|secret| hub_signature(secret, &body));
        let request = |client: &Client| {
            let mut request = client
                .post(url)
                .header(USER_AGENT, AGENT)
                .header(ACCEPT, JSON)
                .header(CONTENT_TYPE, JSON);
            if let Some(signature) = signature {
                request = request.header("x-hub-signature", signature);
            }
            request.body(body)
        };
        self.send(request).await
    }

    async fn send(&self, request: impl FnOnce(&Client) -> reqwest::RequestBuilder) -> Reply {
        let started = Instant::now();
        let Some(client) = &self.client else {
            return Reply {
                status: None,
                trouble: Some("no TLS"),
                latency: Duration::ZERO,
            };
        };
        let answer = request(client).send().await;
        let latency = started.elapsed();
        match answer {
            Ok(answer) => {
                let status = answer.status().as_u16();
                // Read to the end, so that the connection can be used again.
                let _ = answer.bytes().await;
                Reply {
                    status: Some(status),
                    trouble: None,
                    latency,
                }
            }
            Err(error) => Reply {
                status: None,
                trouble: Some(if error.is_timeout() || latency >= self.timeout {
                    "no answer in 5 s"
                } else if error.is_connect() {
                    "no connection"
                } else {
                    "broken connection"
                }),
                latency,
            },
        }
    }
}
