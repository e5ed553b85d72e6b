//! Conversations that were left out as nobody's and are a customer's now: a lead was merged into a user, or gave an address.

use chrono::TimeDelta;
use harken_domain::ConnectionId;
use harken_intercom::{Cursor, Reader, SearchWindow};

use super::{
    MOST_ATTEMPTS,
    found::{FetchError, Found},
};
use crate::{
    app::Sync,
    outbound::{
        postgres::{aliases, conversations, repairs::Claimed, settings},
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
        let id = &claimed.wanted.external_id;
        let mut store = self.store.pool().acquire().await?;
        let key = (connection, id.clone());
        let known = aliases::resolve(&mut store, &std::iter::once(&key).collect()).await?;
        let Some(known) = known.get(&key).filter(|known| !known.is_buried) else {
            return Ok(Found::Nothing);
        };
        match known.is_customer {
            Some(true) => {}
            // Who survived is being fetched.
            None if claimed.attempts < MOST_ATTEMPTS => return Ok(Found::NotYet),
            Some(false) | None => return Ok(Found::Nothing),
        }
        let survivor = &known.external_id;
        let mut contacts = aliases::absorbed_by(&mut store, connection, survivor).await?;
        contacts.push(survivor.clone());
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
