//! What the app's developer would set in Intercom's developer hub.

use clap::ArgAction;
use harken_simulator::WebhookSettings;

/// Notifications to the app.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Webhooks")]
pub(super) struct WebhookFlags {
    /// Where notifications go; without it none are sent.
    #[arg(long)]
    webhook_url: Option<String>,
    /// Key of the signature [default: the client secret].
    #[arg(long)]
    webhook_secret: Option<String>,
    /// Version the payloads are written in.
    #[arg(long, default_value = "2.16", value_parser = ["2.16", "2.15", "2.14"])]
    webhook_version: String,
    /// A topic to send; may be given more than once [default: every one].
    #[arg(long = "webhook-topic")]
    webhook_topics: Vec<String>,
    /// Seconds until the one retry.
    #[arg(long, default_value_t = 60)]
    webhook_retry_secs: u64,
    /// Seconds between pings.
    #[arg(long, default_value_t = 3600)]
    webhook_ping_secs: u64,
    /// Share of notifications sent twice, from 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    webhook_duplicates: f64,
    /// Share of notifications that come late.
    #[arg(long, default_value_t = 0.0)]
    webhook_reorder: f64,
    /// Milliseconds a late one takes at most.
    #[arg(long, default_value_t = 2000)]
    webhook_reorder_within_ms: u64,
    /// Share of notifications never sent.
    #[arg(long, default_value_t = 0.0)]
    webhook_drops: f64,
    /// Deliveries under way at once.
    #[arg(long, default_value_t = 64)]
    webhook_senders: usize,
    /// Milliseconds a second of the delivery rules lasts.
    #[arg(long, default_value_t = 1000)]
    webhook_second_ms: u64,
    /// Where it is told that the app was uninstalled.
    #[arg(long)]
    uninstall_url: Option<String>,
    /// A retry carries another id.
    #[arg(long, help_heading = "Unverified behaviour")]
    webhook_retry_changes_id: bool,
    /// contact.merged names the absorbed contact.
    #[arg(long, default_value_t = true, action = ArgAction::Set, help_heading = "Unverified behaviour")]
    webhook_merged_from: bool,
    /// A bot's comment is told under both its topics.
    #[arg(long, default_value_t = true, action = ArgAction::Set, help_heading = "Unverified behaviour")]
    webhook_dual_bot_topics: bool,
    /// An assignment of an open conversation is told under both its topics.
    #[arg(long, default_value_t = true, action = ArgAction::Set, help_heading = "Unverified behaviour")]
    webhook_dual_assign_topics: bool,
    /// Closes, assignments and ends of snoozes without a teammate are told.
    #[arg(long, default_value_t = true, action = ArgAction::Set, help_heading = "Unverified behaviour")]
    webhook_automatic_topics: bool,
    /// The request to the uninstall URL is signed.
    #[arg(long, help_heading = "Unverified behaviour")]
    uninstall_signed: bool,
}

impl WebhookFlags {
    pub(super) fn into_settings(self) -> WebhookSettings {
        let topics = self.webhook_topics.into_iter().collect();
        WebhookSettings {
            url: self.webhook_url,
            secret: self.webhook_secret.unwrap_or_default(),
            version: self.webhook_version,
            topics: Some(topics)
                .filter(|topics: &std::collections::BTreeSet<_>| !topics.is_empty()),
            retry_secs: self.webhook_retry_secs,
            retry_changes_id: self.webhook_retry_changes_id,
            ping_secs: self.webhook_ping_secs,
            suspended: false,
            duplicates: self.webhook_duplicates,
            reorder: self.webhook_reorder,
            reorder_within_ms: self.webhook_reorder_within_ms,
            drops: self.webhook_drops,
            merged_from: self.webhook_merged_from,
            dual_bot_topics: self.webhook_dual_bot_topics,
            dual_assign_topics: self.webhook_dual_assign_topics,
            automatic_topics: self.webhook_automatic_topics,
            uninstall_url: self.uninstall_url,
            uninstall_signed: self.uninstall_signed,
            senders: self.webhook_senders,
            second_ms: self.webhook_second_ms,
        }
    }
}
