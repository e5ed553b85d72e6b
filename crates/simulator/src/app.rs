//! Everything the running simulator holds, and its routes.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use chrono_tz::Tz;

use crate::access::{Minter, Register};
use crate::config::Config;
use crate::faults::Faults;
use crate::http::Scrolls;
use crate::limits::Limits;
use crate::search::Counts;
use crate::stats::Stats;
use crate::story::{Premise, uuid_of};
use crate::world::Workspace;
use crate::{control, http, oauth};

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
    requests: AtomicU64,
}

pub(crate) type Shared = Arc<App>;

impl App {
    /// Fails when the state directory cannot be read or written.
    pub(crate) fn new(config: Config) -> io::Result<Self> {
        let register = Register::open(config.state_dir.as_deref())?;
        let epoch = match (config.epoch, register.epoch()) {
            (Some(given), _) => given.timestamp(),
            (None, Some(saved)) => saved,
            (None, None) => config.clock.now_secs(),
        };
        register.keep_epoch(epoch)?;
        Ok(Self {
            workspaces: workspaces(&config, epoch),
            epoch,
            minter: Minter::new(config.seed, &config.client_id),
            register,
            limits: Limits::new(config.rate_per_minute, config.workspace_rate_per_minute),
            faults: Faults::default(),
            stats: Stats::default(),
            scrolls: Scrolls::new(config.scroll_idle_secs),
            counts: Counts::default(),
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
        .fallback(http::unknown_path)
        .with_state(app)
}
