//! The edge's use cases.

mod drain;
mod forget;
mod group;
mod keep;
mod read_deliveries;
mod release;
mod remembered;
mod take;
mod tally;
mod uninstall;

use std::sync::Arc;

use harken_bus::Bus;
use harken_domain::Clock;
use harken_runtime::{ServiceChannel, Shutdown, Tasks};
use harken_store::Store;
use tokio::time::Instant;
use url::Url;

use self::group::GroupWriter;
use self::remembered::Remembered;
use self::tally::Tally;
use crate::config::Patience;
use crate::outbound::postgres::quarantine::Quarantined;
use crate::outbound::postgres::spool::Spooled;
use crate::outbound::vault::Vault;
use crate::rules::address::Address;
use crate::rules::key::Keys;
use crate::rules::pace::Pace;
use crate::rules::route::Route;

pub(crate) use self::read_deliveries::{Delivered, ReadError};
pub(crate) use self::take::Arrived;

/// What every use case shares.
pub(crate) struct Edge {
    clock: Clock,
    bus: Bus,
    store: Store,
    vault: Vault,
    keys: Remembered<Address, Arc<Keys>>,
    routes: Remembered<String, Option<Arc<Route>>>,
    /// Counts the time that matters between publishes.
    started: Instant,
    pace: Pace,
    spool: GroupWriter<Spooled>,
    quarantine: GroupWriter<Quarantined>,
    tally: Tally,
    public_url: Url,
    patience: Patience,
}

/// What the edge is made of.
pub(crate) struct Parts {
    pub(crate) clock: Clock,
    pub(crate) bus: Bus,
    pub(crate) store: Store,
    pub(crate) vault: ServiceChannel,
    pub(crate) tasks: Tasks,
    pub(crate) public_url: Url,
    pub(crate) patience: Patience,
}

impl Edge {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts {
            clock,
            bus,
            store,
            vault,
            tasks,
            public_url,
            patience,
        } = parts;
        Self {
            keys: Remembered::new(clock.clone(), tasks.clone(), patience.ask),
            routes: Remembered::new(clock.clone(), tasks, patience.ask),
            vault: Vault(vault),
            clock,
            bus,
            store,
            started: Instant::now(),
            pace: Pace::default(),
            spool: GroupWriter::new(),
            quarantine: GroupWriter::new(),
            tally: Tally::default(),
            public_url,
            patience,
        }
    }

    /// Does what is to be done behind the answers, until `shutdown`; what was counted is written at the end.
    pub(crate) async fn work(&self, shutdown: &Shutdown) {
        tokio::join!(
            self.keep_spooling(shutdown),
            self.keep_quarantining(shutdown),
            self.keep_draining(shutdown),
            self.keep_releasing(shutdown),
            self.keep_tallying(shutdown),
            self.keep_measuring(shutdown),
        );
    }

    fn now_millis(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    async fn keys_of(&self, address: Address) -> Option<Arc<Keys>> {
        if let Some(keys) = self.keys.fresh(&address) {
            return Some(keys);
        }
        let vault = self.vault.clone();
        let ask = move || async move { vault.keys(address).await.map(Arc::new) };
        self.keys.get(&address, ask).await
    }

    /// The keys, asked for again because those at hand did not verify; none if that is not due yet.
    async fn renewed_keys_of(&self, address: Address) -> Option<Arc<Keys>> {
        let vault = self.vault.clone();
        let ask = move || async move { vault.keys(address).await.map(Arc::new) };
        self.keys.renew(&address, ask).await
    }

    /// Where notifications of a workspace go that came by `address`: `None` if it cannot be told, or is nobody's.
    async fn route(&self, address: Address, workspace_id: &str) -> Option<Arc<Route>> {
        if address != Address::Deployment {
            let keys = self.keys_of(address).await?;
            let route = keys.route.as_ref()?;
            return (route.workspace_id == workspace_id).then(|| Arc::clone(route));
        }
        if let Some(route) = self.routes.fresh(workspace_id) {
            return route;
        }
        let (vault, asked) = (self.vault.clone(), workspace_id.to_owned());
        let ask = move || async move { Ok(vault.route(asked).await?.map(Arc::new)) };
        self.routes.get(&workspace_id.to_owned(), ask).await?
    }
}
