//! The command line.

mod webhooks;

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{ArgAction, Parser};
use harken_simulator::{Clock, Config, Switches};

/// Plays Intercom for development and tests.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Flags {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:7403")]
    listen: SocketAddr,
    /// The app's client ID.
    #[arg(long, default_value = "harken-simulated-app")]
    client_id: String,
    /// The app's client secret.
    #[arg(long, default_value = "simulated-client-secret")]
    client_secret: String,
    /// A registered redirect URL; may be given more than once, the first is the default.
    #[arg(long = "redirect-uri")]
    redirect_uris: Vec<String>,
    /// Another number tells another story.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Contacts in the demo workspace.
    #[arg(long, default_value_t = 500)]
    contacts: u64,
    /// Conversations in the demo workspace.
    #[arg(long, default_value_t = 2000)]
    conversations: u64,
    /// The moment the story has reached (RFC 3339) [default: the one saved, else now].
    #[arg(long)]
    epoch: Option<DateTime<Utc>>,
    /// Requests a minute for an app in a workspace; 0 is unlimited.
    #[arg(long, default_value_t = 10_000)]
    rate_per_minute: u64,
    /// Requests a minute for all apps of a workspace; 0 is unlimited. [default: 25000, or
    /// unlimited where --rate-per-minute is]
    #[arg(long)]
    workspace_rate_per_minute: Option<u64>,
    /// Milliseconds added to every API answer.
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// Milliseconds added to every search besides.
    #[arg(long, default_value_t = 0)]
    search_latency_ms: u64,
    /// Seconds until a new contact can be found by a search.
    #[arg(long, default_value_t = 0)]
    search_lag_secs: i64,
    /// Seconds a company scroll stays open without use.
    #[arg(long, default_value_t = 60)]
    scroll_idle_secs: i64,
    /// Keeps the epoch, what happened and what was revoked over a restart.
    #[arg(long)]
    state_dir: Option<PathBuf>,
    /// Things that happen by themselves, a minute, in workspaces that have the app.
    #[arg(long, default_value_t = 0)]
    story_per_minute: u64,
    /// Changes of every kind in the demo workspace, a second.
    #[arg(long, default_value_t = 0)]
    churn_per_second: u32,
    /// Another number draws other changes.
    #[arg(long, default_value_t = 1)]
    churn_seed: u64,
    /// API version of requests that name none.
    #[arg(long, default_value = "2.16")]
    default_version: String,
    #[command(flatten)]
    webhooks: webhooks::WebhookFlags,
    #[command(flatten)]
    switches: SwitchFlags,
}

/// Where no public source says what Intercom does.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Unverified behaviour")]
struct SwitchFlags {
    /// Cancel names an error, rather than nothing but the state.
    #[arg(long, default_value_t = true, action = ArgAction::Set)]
    denial_names_error: bool,
    /// Seconds a code can be exchanged for.
    #[arg(long, default_value_t = 600)]
    code_lifetime_secs: i64,
    /// A code works once.
    #[arg(long, default_value_t = true, action = ArgAction::Set)]
    code_single_use: bool,
    /// The token endpoint reads JSON too.
    #[arg(long, default_value_t = true, action = ArgAction::Set)]
    token_accepts_json: bool,
    /// A request without Accept is answered with 406.
    #[arg(long)]
    accept_required: bool,
    /// A page larger than the maximum is an error.
    #[arg(long)]
    oversized_page_refused: bool,
    /// > and < on conversation dates include the second itself.
    #[arg(long)]
    search_bounds_inclusive: bool,
    /// The count of parts goes beyond the 500 shown.
    #[arg(long)]
    parts_total_uncapped: bool,
    /// A 429 carries Retry-After.
    #[arg(long)]
    retry_after: bool,
    /// Error code of a revoked token.
    #[arg(long, default_value = "unauthorized")]
    revoked_code: String,
    /// app.region of the small and the empty workspace.
    #[arg(long, default_value = "US")]
    region: String,
}

impl Flags {
    pub(crate) fn into_config(self) -> Config {
        let workspace_default = if self.rate_per_minute == 0 { 0 } else { 25_000 };
        Config {
            webhooks: self.webhooks.into_settings(),
            story_per_minute: self.story_per_minute,
            churn_per_second: self.churn_per_second,
            churn_seed: self.churn_seed,
            listen: self.listen,
            client_id: self.client_id,
            client_secret: self.client_secret,
            redirect_uris: self.redirect_uris,
            seed: self.seed,
            contacts: self.contacts,
            conversations: self.conversations,
            epoch: self.epoch,
            rate_per_minute: self.rate_per_minute,
            workspace_rate_per_minute: self.workspace_rate_per_minute.unwrap_or(workspace_default),
            latency_ms: self.latency_ms,
            search_latency_ms: self.search_latency_ms,
            search_lag_secs: self.search_lag_secs,
            scroll_idle_secs: self.scroll_idle_secs,
            state_dir: self.state_dir,
            default_version: self.default_version,
            switches: self.switches.into_switches(),
            clock: Clock::System,
        }
    }
}

impl SwitchFlags {
    fn into_switches(self) -> Switches {
        Switches {
            denial_names_error: self.denial_names_error,
            code_lifetime_secs: self.code_lifetime_secs,
            code_single_use: self.code_single_use,
            token_accepts_json: self.token_accepts_json,
            accept_required: self.accept_required,
            oversized_page_refused: self.oversized_page_refused,
            search_bounds_inclusive: self.search_bounds_inclusive,
            parts_total_uncapped: self.parts_total_uncapped,
            retry_after: self.retry_after,
            revoked_code: self.revoked_code,
            region: self.region,
        }
    }
}
