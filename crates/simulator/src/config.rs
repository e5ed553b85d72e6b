//! What the simulator is told before it starts.

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::clock::Clock;
use crate::storyteller::churn::Churn;
use crate::webhooks::WebhookSettings;

/// Settings; nothing happens until [`crate::Simulator::start`].
#[derive(Debug, Clone)]
pub struct Config {
    pub listen: SocketAddr,
    pub client_id: String,
    pub client_secret: String,
    /// Registered redirect URLs; the first is the default.
    pub redirect_uris: Vec<String>,
    pub seed: u64,
    /// Contacts of the demo workspace.
    pub contacts: u64,
    /// Conversations of the demo workspace.
    pub conversations: u64,
    /// The moment the story has reached; the saved one, else now.
    pub epoch: Option<DateTime<Utc>>,
    /// Requests a minute for one app in one workspace; 0 is unlimited.
    pub rate_per_minute: u64,
    /// Requests a minute for all apps of one workspace; 0 is unlimited.
    pub workspace_rate_per_minute: u64,
    /// Added to every API answer.
    pub latency_ms: u64,
    /// Added to every search besides.
    pub search_latency_ms: u64,
    /// How long a new contact is in no search yet.
    pub search_lag_secs: i64,
    /// How long a company scroll stays open without use.
    pub scroll_idle_secs: i64,
    /// Where revocations and the epoch are kept over a restart.
    pub state_dir: Option<PathBuf>,
    /// The version that applies when a request names none.
    pub default_version: String,
    /// What happens by itself in workspaces that have the app; 0 is nothing.
    pub story_per_minute: u64,
    /// Changes of every kind in the demo workspace, a second; 0 is none.
    pub churn_per_second: u32,
    /// Another one draws other changes.
    pub churn_seed: u64,
    /// Notifications to the app.
    pub webhooks: WebhookSettings,
    pub switches: Switches,
    pub clock: Clock,
}

/// Behaviour that no public source confirms, to be tried both ways.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Clone)]
pub struct Switches {
    /// *Cancel* sends `error=access_denied` rather than nothing but the state.
    pub denial_names_error: bool,
    /// How long an authorisation code lives.
    pub code_lifetime_secs: i64,
    /// A code works only once.
    pub code_single_use: bool,
    /// The token endpoint reads JSON bodies besides forms.
    pub token_accepts_json: bool,
    /// A missing `Accept` header is answered with 406.
    pub accept_required: bool,
    /// A page larger than the maximum is an error rather than cut down.
    pub oversized_page_refused: bool,
    /// `>` and `<` on conversation dates include the second itself.
    pub search_bounds_inclusive: bool,
    /// `conversation_parts.total_count` counts the parts beyond 500 too.
    pub parts_total_uncapped: bool,
    /// A 429 carries `Retry-After`.
    pub retry_after: bool,
    /// The code a revoked token is refused with.
    pub revoked_code: String,
    /// `app.region` of the `small` and `empty` workspaces.
    pub region: String,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            denial_names_error: true,
            code_lifetime_secs: 600,
            code_single_use: true,
            token_accepts_json: true,
            accept_required: false,
            oversized_page_refused: false,
            search_bounds_inclusive: false,
            parts_total_uncapped: false,
            retry_after: false,
            revoked_code: "unauthorized".to_owned(),
            region: "US".to_owned(),
        }
    }
}

impl Config {
    /// What goes on from the start.
    pub(crate) fn churn(&self) -> Option<Churn> {
        (self.churn_per_second > 0).then(|| Churn {
            workspace: "demo".to_owned(),
            per_second: self.churn_per_second,
            seed: self.churn_seed,
        })
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            client_id: "harken-simulated-app".to_owned(),
            client_secret: "simulated-client-secret".to_owned(),
            redirect_uris: Vec::new(),
            seed: 1,
            contacts: 500,
            conversations: 2000,
            epoch: None,
            rate_per_minute: 10_000,
            workspace_rate_per_minute: 25_000,
            latency_ms: 0,
            search_latency_ms: 0,
            search_lag_secs: 0,
            scroll_idle_secs: 60,
            state_dir: None,
            default_version: "2.16".to_owned(),
            story_per_minute: 0,
            churn_per_second: 0,
            churn_seed: 1,
            webhooks: WebhookSettings::default(),
            switches: Switches::default(),
            clock: Clock::System,
        }
    }
}
