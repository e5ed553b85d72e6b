use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::WORKSPACE;
use crate::until;

/// What a running simulator can be told and asked; of Intercom's own there is none of it.
#[derive(Clone, Debug)]
pub struct Control {
    address: String,
    client: Client,
}

/// What was changed while somebody read.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Churned {
    /// All of it.
    pub changes: u64,
    /// By what happened.
    pub kinds: BTreeMap<String, u64>,
}

/// A notification that was caused.
#[derive(Clone, Debug, Deserialize)]
pub struct Sent {
    /// Intercom's id of it; a ping has none.
    pub id: Option<String>,
    /// `conversation.admin.noted` and the like.
    pub topic: String,
    /// Intercom's id of the record.
    pub about: String,
    outcome: Outcome,
}

#[derive(Clone, Debug, Deserialize)]
struct Outcome {
    is: String,
}

impl Sent {
    /// Whether it was dropped on the way.
    pub fn is_lost(&self) -> bool {
        self.outcome.is == "lost"
    }

    /// Whether it is still on its way.
    pub fn is_pending(&self) -> bool {
        self.outcome.is == "pending"
    }
}

impl Control {
    /// Of the simulator at `address`.
    pub fn of(address: &str) -> Self {
        // The client speaks plain HTTP, and still wants to know what it would encrypt with.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().redirect(Policy::none()).build();
        Self {
            address: address.to_owned(),
            client: client.unwrap(),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Changes so many records a second from now on, drawn from `seed`; 0 ends it. Answers what was changed so far.
    pub async fn churn(&self, per_second: u32, seed: u64) -> Result<Churned> {
        let churn = json!({ "workspace": WORKSPACE, "per_second": per_second, "seed": seed });
        let answer = self.send(Method::PUT, "churn", &churn).await?;
        Ok(serde_json::from_str(&answer)?)
    }

    /// What was changed so far.
    pub async fn churned(&self) -> Result<Churned> {
        Ok(serde_json::from_str(&self.read("churn").await?)?)
    }

    /// Requests that its API was asked so far.
    pub async fn requests(&self) -> Result<u64> {
        let stats: Value = serde_json::from_str(&self.read("stats").await?)?;
        stats["requests"].as_u64().context("no count of requests")
    }

    /// Waits until its API was asked this often.
    pub async fn asked(&self, requests: u64) -> Result<()> {
        until(&format!("Intercom is asked {requests} times"), async || {
            (self.requests().await.ok()? >= requests).then_some(())
        })
        .await
    }

    /// Lets requests go wrong from now on.
    pub async fn harm(&self, fault: Value) -> Result<()> {
        self.send(Method::POST, "faults", &fault).await?;
        Ok(())
    }

    /// Takes back what has not gone wrong yet; answers how often it would have.
    pub async fn heal(&self) -> Result<u64> {
        let left: Vec<Value> = serde_json::from_str(&self.read("faults").await?)?;
        self.send(Method::DELETE, "faults", &Value::Null).await?;
        Ok(left
            .iter()
            .filter_map(|fault| fault["times"].as_u64())
            .sum())
    }

    /// Revokes everything that the app was given in the workspace.
    pub async fn revoke(&self) -> Result<()> {
        let whose = json!({ "workspace": WORKSPACE });
        self.send(Method::POST, "tokens/revoke", &whose).await?;
        Ok(())
    }

    /// Notifies a workspace's own app at `url` from now on, and loses this share on the way.
    pub async fn notify(&self, url: &str, secret: &str, drops: f64) -> Result<()> {
        let own = json!({ "url": url, "secret": secret, "drops": drops });
        let path = format!("webhooks/{WORKSPACE}/own");
        self.send(Method::PUT, &path, &own).await?;
        Ok(())
    }

    /// Every notification that was caused, once none is on its way any more.
    pub async fn sent(&self) -> Result<Vec<Sent>> {
        let path = format!("webhooks/{WORKSPACE}/sent");
        until("no notification is on its way", async || {
            let lines = self.read(&path).await.ok()?;
            let sent: Result<Vec<Sent>, _> = lines.lines().map(serde_json::from_str).collect();
            sent.ok().filter(|sent| !sent.iter().any(Sent::is_pending))
        })
        .await
    }

    /// Lets something happen: `about` is `contacts/{id}` or `conversations/{id}`.
    pub async fn tell(&self, about: &str, what: &Value) -> Result<()> {
        let path = format!("story/{WORKSPACE}/{about}");
        self.send(Method::POST, &path, what).await?;
        Ok(())
    }

    /// Allows the app on the consent page; answers `state` and `code` as they come back.
    pub async fn consent(&self, authorize_url: &str) -> Result<(String, String)> {
        let asked = Url::parse(authorize_url)?;
        let of = |url: &Url, name: &str| {
            let mut pairs = url.query_pairs();
            let found = pairs.find(|(key, _)| key == name);
            found.map_or_else(String::new, |(_, value)| value.into_owned())
        };
        let form = [
            ("client_id", of(&asked, "client_id")),
            ("redirect_uri", of(&asked, "redirect_uri")),
            ("state", of(&asked, "state")),
            ("workspace", WORKSPACE.to_owned()),
            ("decision", "allow".to_owned()),
        ];
        let request = self.client.post(format!("{}/oauth", self.address));
        let answer = request.form(&form).send().await?;
        let status = answer.status();
        let back = answer.headers().get("location").cloned();
        let back = back.with_context(|| format!("the consent leads nowhere: {status}"))?;
        let back = Url::parse(back.to_str()?)?;
        Ok((of(&back, "state"), of(&back, "code")))
    }

    pub(super) async fn read(&self, path: &str) -> Result<String> {
        self.send(Method::GET, path, &Value::Null).await
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Result<String> {
        let url = format!("{}/_simulator/{path}", self.address);
        let request = self.client.request(method, url.trim_end_matches('/'));
        let request = if body.is_null() {
            request
        } else {
            request.json(body)
        };
        let answer = request.send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{path}: {status} {text}");
        Ok(text)
    }
}
