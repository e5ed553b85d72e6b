//! What an app's developer sets in Intercom's developer hub, and what of the real world may go wrong.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::topic::CAUSED;
use crate::http::Version;

/// How notifications are sent. Shares go from 0 to 1.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookSettings {
    /// Where notifications go; without it nothing is sent.
    pub url: Option<String>,
    /// Key of the signature; empty at the start is the client secret.
    pub secret: String,
    /// Version of the payloads: `2.16`, `2.15` or `2.14`.
    pub version: String,
    /// Topics subscribed to; all that can happen when missing.
    pub topics: Option<BTreeSet<String>>,
    /// Seconds until the one retry.
    pub retry_secs: u64,
    /// A retry carries another id.
    pub retry_changes_id: bool,
    /// Seconds between pings.
    pub ping_secs: u64,
    /// Sends nothing, as for an endpoint that failed for a week.
    pub suspended: bool,
    /// Share of notifications sent twice.
    pub duplicates: f64,
    /// Share of notifications that come late.
    pub reorder: f64,
    /// Milliseconds a late one takes at most.
    pub reorder_within_ms: u64,
    /// Share of notifications never sent.
    pub drops: f64,
    /// `contact.merged` names the absorbed contact.
    pub merged_from: bool,
    /// A bot's comment is told under both its topics.
    pub dual_bot_topics: bool,
    /// An assignment of an open conversation is told under both its topics.
    pub dual_assign_topics: bool,
    /// Closes, assignments and ends of snoozes without a teammate are told.
    pub automatic_topics: bool,
    /// Where it is told that the app was uninstalled.
    pub uninstall_url: Option<String>,
    /// That is signed like a notification.
    pub uninstall_signed: bool,
    /// Deliveries under way at once; read at the start alone.
    pub senders: usize,
    /// Milliseconds a second of the delivery rules lasts; read at the start alone.
    pub second_ms: u64,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self {
            url: None,
            secret: String::new(),
            version: "2.16".to_owned(),
            topics: None,
            retry_secs: 60,
            retry_changes_id: false,
            ping_secs: 3600,
            suspended: false,
            duplicates: 0.0,
            reorder: 0.0,
            reorder_within_ms: 2000,
            drops: 0.0,
            merged_from: true,
            dual_bot_topics: true,
            dual_assign_topics: true,
            automatic_topics: true,
            uninstall_url: None,
            uninstall_signed: false,
            senders: 64,
            second_ms: 1000,
        }
    }
}

/// Settings that mean nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidSettings {
    #[error("{0}")]
    Unreadable(#[from] serde_json::Error),
    #[error("version is 2.14, 2.15 or 2.16")]
    Version,
    #[error("nothing here causes the topic {0}")]
    Topic(String),
    #[error("{0} is a share, from 0 to 1")]
    Share(&'static str),
    #[error("{0} is no URL that can be posted to")]
    Url(&'static str),
}

/// `settings` with the fields of `changes` put in their place.
pub(crate) fn changed(
    settings: &WebhookSettings,
    changes: serde_json::Map<String, Value>,
) -> Result<WebhookSettings, InvalidSettings> {
    let mut whole = serde_json::to_value(settings)?;
    if let Value::Object(fields) = &mut whole {
        fields.extend(changes);
    }
    let settings: WebhookSettings = serde_json::from_value(whole)?;
    settings.check()?;
    Ok(settings)
}

impl WebhookSettings {
    pub(super) fn subscribes(&self, topic: &str) -> bool {
        self.topics
            .as_ref()
            .is_none_or(|topics| topics.contains(topic))
    }

    fn check(&self) -> Result<(), InvalidSettings> {
        let known = ["2.14", "2.15", "2.16"].contains(&self.version.as_str());
        if !known || Version::named(&self.version).is_none() {
            return Err(InvalidSettings::Version);
        }
        let mut topics = self.topics.iter().flatten();
        if let Some(unknown) = topics.find(|topic| !CAUSED.contains(&topic.as_str())) {
            return Err(InvalidSettings::Topic(unknown.clone()));
        }
        for (name, share) in [
            ("duplicates", self.duplicates),
            ("reorder", self.reorder),
            ("drops", self.drops),
        ] {
            if !(0.0..=1.0).contains(&share) {
                return Err(InvalidSettings::Share(name));
            }
        }
        for (name, url) in [("url", &self.url), ("uninstall_url", &self.uninstall_url)] {
            let url = url.as_deref().map(url::Url::parse);
            let fits = url.is_none_or(|url| url.is_ok_and(|url| url.scheme().starts_with("http")));
            if !fits {
                return Err(InvalidSettings::Url(name));
            }
        }
        Ok(())
    }
}
