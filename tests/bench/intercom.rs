//! The other side: what the simulated Intercom holds and was asked.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use reqwest::{Client, Method};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::house::House;

/// Reads everything of the workspace that `harken up` plays.
pub(crate) const TOKEN: &str = "sim_full_demo_a1b2c3d4e5f60718293a4b5c6d7e8f90";

const WINDOW_SECS: f64 = 10.0;

/// The simulator of a house.
pub(crate) struct Intercom {
    address: String,
    client: Client,
}

/// What there is to be mirrored.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Truth {
    pub(crate) contacts: u64,
    pub(crate) contacts_with_more_than_10_tags: u64,
    pub(crate) companies: u64,
    pub(crate) conversations: u64,
}

/// What it was asked.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    pub(crate) requests: u64,
    pub(crate) too_many_requests: u64,
    /// By method and route.
    endpoints: BTreeMap<String, Endpoint>,
    /// By the Unix second they start at.
    windows: BTreeMap<i64, Window>,
}

#[derive(Debug, Deserialize)]
struct Endpoint {
    requests: u64,
}

#[derive(Debug, Deserialize)]
struct Window {
    requests: u64,
    first_at_ms: i64,
    last_at_ms: i64,
}

impl Truth {
    /// Requests that reading everything may take: lists and searches of 150, companies of 100, one per conversation,
    /// one per contact whose tags do not fit, one more, and twenty for the small lists and the test of permissions.
    pub(crate) fn permitted_requests(self) -> u64 {
        let Self {
            contacts,
            contacts_with_more_than_10_tags,
            companies,
            conversations,
        } = self;
        contacts.div_ceil(150)
            + conversations.div_ceil(150)
            + conversations
            + companies.div_ceil(100)
            + 1
            + contacts_with_more_than_10_tags
            + 20
    }
}

impl Asked {
    /// How often one conversation was asked for.
    pub(crate) fn fetches(&self) -> u64 {
        let fetch = self.endpoints.get("GET /conversations/{id}");
        fetch.map_or(0, |endpoint| endpoint.requests)
    }

    /// Between the first and the last request.
    pub(crate) fn span_secs(&self) -> f64 {
        let first = self.windows.values().map(|window| window.first_at_ms).min();
        let last = self.windows.values().map(|window| window.last_at_ms).max();
        first
            .zip(last)
            .map_or(0.0, |(first, last)| (last - first) as f64 / 1000.0)
    }

    /// Requests a minute between the first and the last request.
    pub(crate) fn per_minute(&self) -> f64 {
        self.requests as f64 * 60.0 / self.span_secs()
    }

    /// How much of what all windows but the last permit was used; none with only one window.
    pub(crate) fn use_of_whole_windows(&self, per_minute: f64) -> Option<f64> {
        let whole = self
            .windows
            .len()
            .checked_sub(1)
            .filter(|count| *count > 0)?;
        let made: u64 = self
            .windows
            .values()
            .take(whole)
            .map(|window| window.requests)
            .sum();
        let permitted = (per_minute * WINDOW_SECS / 60.0).ceil() * whole as f64;
        Some(made as f64 / permitted)
    }
}

impl Intercom {
    pub(crate) fn of(house: &House) -> Result<Self> {
        let address = house.ready().simulator.clone();
        Ok(Self::at(address.context("the house has no simulator")?))
    }

    /// The simulator that listens there.
    pub(crate) fn at(address: String) -> Self {
        Self {
            address,
            client: Client::new(),
        }
    }

    /// What a full import reads, with the conversations of the last 90 days.
    pub(crate) async fn truth(&self) -> Result<Truth> {
        self.read("truth/demo?updated_within_days=90").await
    }

    /// Ids of `contacts` or `conversations` that a full import reads, oldest update first.
    pub(crate) async fn ids(&self, kind: &str) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        let path = self.control(&format!("truth/demo/{kind}?updated_within_days=90"));
        let answer = self.client.get(path).send().await?.error_for_status()?;
        let lines = answer.text().await?;
        let ids = lines.lines().map(|line| {
            let named: Named = serde_json::from_str(line)?;
            Ok(named.id)
        });
        ids.collect()
    }

    pub(crate) async fn asked(&self) -> Result<Asked> {
        self.read("stats").await
    }

    pub(crate) async fn forget_what_was_asked(&self) -> Result<()> {
        self.send(Method::DELETE, "stats", Value::Null).await
    }

    /// Takes all limits away.
    pub(crate) async fn permit_everything(&self) -> Result<()> {
        let limits = json!({"rate_per_minute": 0, "workspace_rate_per_minute": 0});
        self.send(Method::POST, "limits", limits).await
    }

    async fn read<T: for<'de> Deserialize<'de>>(&self, path: &str) -> Result<T> {
        let answer = self.client.get(self.control(path)).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Result<()> {
        let request = self.client.request(method, self.control(path)).json(&body);
        request.send().await?.error_for_status()?;
        Ok(())
    }

    fn control(&self, path: &str) -> String {
        format!("{}/_simulator/{path}", self.address)
    }
}
