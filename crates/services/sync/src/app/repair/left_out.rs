//! Conversations that were left out as nobody's and are a customer's now: a lead was merged into a user, or gave an address.

use chrono::TimeDelta;
use harken_domain::ConnectionId;
use harken_intercom::{Cursor, Reader, SearchWindow};

use super::found::{FetchError, Found};
use crate::{
    app::Sync,
    outbound::{
        postgres::{
            Key,
            aliases::{self, Known},
            conversations,
            repairs::{self, Claimed, RepairKind},
            settings,
        },
        vault::VaultTransport,
    },
};

/// Pages of one customer's conversations that are looked through, newest first; what lies before is left to full runs.
const MOST_PAGES: usize = 10;

impl Sync {
    /// Finds the conversations of a customer, and of all that it absorbed, that the mirror does not hold.
    pub(super) async fn left_out(
        &self,
        reader: &Reader<VaultTransport>,
        claimed: &Claimed,
    ) -> Result<Found, FetchError> {
        let connection = claimed.wanted.connection;
        let key = (connection, claimed.wanted.external_id.clone());
        let mut known = self.resolved(&key).await?;
        if let Some(unknown) = known.as_ref().filter(|known| known.is_customer.is_none()) {
            let survivor = (connection, unknown.external_id.clone());
            if self.is_being_fetched(&survivor).await? {
                return Ok(Found::NotYet);
            }
            // It was fetched between the two looks, or never will be.
            known = self.resolved(&key).await?;
        }
        let is_customer = |known: &Known| !known.is_buried && known.is_customer == Some(true);
        let Some(Known {
            external_id: survivor,
            ..
        }) = known.filter(is_customer)
        else {
            return Ok(Found::Nothing);
        };
        let mut store = self.store.pool().acquire().await?;
        let mut contacts = aliases::absorbed_by(&mut store, connection, &survivor).await?;
        contacts.push(survivor);
        let settings = settings::find(&mut store, connection).await?;
        drop(store);
        let days = settings.and_then(|settings| settings.backfill_days);
        let backfill = days.map_or(self.limits.backfill, |days| {
            TimeDelta::days(i64::from(days))
        });
        let now = self.clock.now();
        let window = SearchWindow {
            after: now - backfill,
            // Intercom's clock may be ahead of ours.
            before: now + TimeDelta::days(1),
        };
        let mut missing = Vec::new();
        let mut after: Option<Cursor> = None;
        for _ in 0..MOST_PAGES {
            let page = reader
                .search_conversations_of(&contacts, window, after.as_ref())
                .await?;
            let ids = page.items.into_iter().map(|found| found.id).collect();
            missing.extend(self.not_held(connection, ids).await?);
            match page.next {
                Some(next) if after.as_ref() != Some(&next) => after = Some(next),
                _ => break,
            }
        }
        Ok(Found::LeftOut(missing))
    }

    async fn resolved(&self, contact: &Key) -> Result<Option<Known>, sqlx::Error> {
        let mut store = self.store.pool().acquire().await?;
        let mut known = aliases::resolve(&mut store, &std::iter::once(contact).collect()).await?;
        Ok(known.remove(contact))
    }

    async fn is_being_fetched(&self, contact: &Key) -> Result<bool, sqlx::Error> {
        let mut store = self.store.pool().acquire().await?;
        let keys = std::iter::once(contact).collect();
        let waiting = repairs::among(&mut store, RepairKind::Contact, &keys).await?;
        Ok(!waiting.is_empty())
    }

    async fn not_held(
        &self,
        connection: ConnectionId,
        mut ids: Vec<String>,
    ) -> Result<Vec<String>, sqlx::Error> {
        let mut store = self.store.pool().acquire().await?;
        let asked: Vec<&str> = ids.iter().map(String::as_str).collect();
        let held = conversations::held_among(&mut store, connection, &asked).await?;
        ids.retain(|id| !held.contains(id));
        Ok(ids)
    }
}
