//! Everything the running simulator holds, and its routes.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use chrono_tz::Tz;

use crate::access::{Minter, Register};
use crate::canary::Canary;
use crate::config::Config;
use crate::faults::Faults;
use crate::http::Scrolls;
use crate::limits::Limits;
use crate::search::Counts;
use crate::stats::Stats;
use crate::story::{Premise, uuid_of};
use crate::storyteller::Pace;
use crate::storyteller::churn::Churner;
use crate::webhooks::{Subscription, Webhooks};
use crate::world::{Added, Change, Made, Refused, Started, Workspace};
use crate::{control, http, inbox, oauth};

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) config: Config,
    /// Unix seconds the story has reached at the start.
    pub(crate) epoch: i64,
    pub(crate) workspaces: Vec<Workspace>,
    pub(crate) minter: Minter,
    pub(crate) register: Register,
    pub(crate) limits: Limits,
    pub(crate) faults: Faults,
    pub(crate) stats: Stats,
    pub(crate) scrolls: Scrolls,
    pub(crate) counts: Counts,
    pub(crate) webhooks: Webhooks,
    /// Shared with those who write notifications.
    pub(crate) canary: Arc<Canary>,
    /// Of the storyteller.
    pub(crate) pace: Pace,
    pub(crate) churner: Churner,
    requests: AtomicU64,
}

pub(crate) type Shared = Arc<App>;

impl App {
    /// Fails when the state directory cannot be read or written.
    pub(crate) fn new(config: Config) -> io::Result<Self> {
        let canary = Arc::<Canary>::default();
        let register = Register::open(config.state_dir.as_deref())?;
        let epoch = match (config.epoch, register.epoch()) {
            (Some(given), _) => given.timestamp(),
            (None, Some(saved)) => saved,
            (None, None) => config.clock.now_secs(),
        };
        register.keep_epoch(epoch)?;
        let mut workspaces = workspaces(&config, epoch);
        if let Some(state_dir) = &config.state_dir {
            let remembered = workspaces.into_iter().map(|each| each.remember(state_dir));
            workspaces = remembered.collect::<io::Result<_>>()?;
        }
        Ok(Self {
            workspaces,
            epoch,
            minter: Minter::new(config.seed, &config.client_id),
            register,
            limits: Limits::new(config.rate_per_minute, config.workspace_rate_per_minute),
            faults: Faults::default(),
            stats: Stats::default(),
            scrolls: Scrolls::new(config.scroll_idle_secs),
            counts: Counts::default(),
            webhooks: Webhooks::new(&config, canary.clone()),
            canary,
            pace: Pace::new(config.story_per_minute),
            churner: Churner::new(config.churn()),
            requests: AtomicU64::new(0),
            config,
        })
    }

    /// A workspace by its key or its id.
    pub(crate) fn workspace(&self, name: &str) -> Option<&Workspace> {
        self.workspaces
            .iter()
            .find(|workspace| workspace.key == name || workspace.id == name)
    }

    /// Makes `change` happen now and tells whoever listens.
    pub(crate) fn happen(&self, workspace: &Workspace, change: Change) -> Result<Made, Refused> {
        let listeners = self.listeners(workspace);
        workspace.change(change, |view, change| {
            self.webhooks.tell(view, change, &listeners);
        })
    }

    /// The number of the new contact.
    pub(crate) fn add_contact(&self, workspace: &Workspace, added: Added) -> Result<u64, Refused> {
        let made = self.happen(workspace, Change::ContactAdded(added))?;
        Ok(made.number)
    }

    pub(crate) fn start_conversation(
        &self,
        workspace: &Workspace,
        started: Started,
    ) -> Result<Made, Refused> {
        self.happen(workspace, Change::ConversationStarted(started))
    }

    /// Takes the app out of a workspace from Intercom's side.
    pub(crate) fn uninstall(&self, workspace: &Workspace) -> io::Result<()> {
        self.register.uninstall(workspace.key, self.now_ms())?;
        self.webhooks.uninstalled(workspace);
        Ok(())
    }

    /// Who is told what happens in a workspace.
    pub(crate) fn listeners(&self, workspace: &Workspace) -> Vec<Arc<Subscription>> {
        if !self.register.is_installed(workspace.key) {
            return Vec::new();
        }
        let allowed = self.register.is_allowed(workspace.key);
        self.webhooks.listeners(workspace.key, allowed)
    }

    /// Sends a ping for every workspace that `subscription` is told about.
    pub(crate) fn ping_installed(&self, subscription: &Arc<Subscription>) {
        for workspace in &self.workspaces {
            let listeners = self.listeners(workspace);
            if listeners.iter().any(|one| Arc::ptr_eq(one, subscription)) {
                self.webhooks.ping(subscription, workspace);
            }
        }
    }

    /// A new id, in the form of a UUID.
    pub(crate) fn request_id(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let high = self.now_ms().unsigned_abs().rotate_left(24) ^ number;
        let low = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        uuid_of(high, low)
    }

    /// A number no earlier one is equal to, over restarts too.
    pub(crate) fn nonce(&self) -> u64 {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        self.now_ms().unsigned_abs().wrapping_shl(20) ^ (number & 0xf_ffff)
    }

    pub(crate) fn now_secs(&self) -> i64 {
        self.config.clock.now_secs()
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.config.clock.now().timestamp_millis()
    }
}

fn workspaces(config: &Config, epoch: i64) -> Vec<Workspace> {
    let premise = |offset: u64, contacts, conversations| Premise {
        seed: config.seed.wrapping_add(offset << 32),
        epoch,
        contacts,
        conversations,
    };
    let region = &config.switches.region;
    vec![
        Workspace::new(
            ("demo", "nwc7k2qx", "Northwind Cloud"),
            Tz::America__New_York,
            "US".to_owned(),
            premise(0, config.contacts, config.conversations),
        ),
        Workspace::new(
            ("small", "pxt4h9ra", "Pixel & Thread"),
            Tz::Europe__Berlin,
            region.clone(),
            premise(1, 50, 200),
        ),
        Workspace::new(
            ("empty", "frs0w1ks", "Fresh Start"),
            Tz::Australia__Sydney,
            region.clone(),
            premise(2, 0, 0),
        ),
    ]
}

pub(crate) fn router(app: Shared) -> Router {
    http::router(&app)
        .merge(oauth::router())
        .merge(control::router())
        .merge(inbox::router())
        .fallback(http::unknown_path)
        .with_state(app)
}
