//! Notifications that nobody could take in: what became of them is written down, and their records are fetched instead.

use std::collections::BTreeSet;

use harken_intercom::webhook::Notification;
use harken_store::inbox;

use super::{Heard, reading, trace};
use crate::{
    app::{Sync, mirror::Page},
    outbound::postgres::{
        StoreError,
        notifications::{self, Outcome},
    },
};

/// Name of the durable consumer of dead letters, and of its inbox.
pub(crate) const READER_OF_DEAD: &str = "sync-dead";

impl Sync {
    /// Takes in that a notification is among the dead letters. Whatever was the matter with it, only its envelope is read.
    pub(crate) async fn take_given_up(&self, one: &Heard) -> Result<(), StoreError> {
        let own = BTreeSet::from([one.connection]);
        let mut tx = self.store.begin().await?;
        let mut page = Page::open(&mut tx, &own, self.clock.now()).await?;
        let is_kept = page
            .connection(one.connection)
            .is_some_and(|row| row.organization == one.organization && !row.is_erased);
        if !is_kept || !inbox::claim_one(&mut tx, READER_OF_DEAD, &one.message_id).await? {
            return Ok(());
        }
        let notification = Notification::read(&one.body).ok();
        if let Some((kind, id)) = notification.as_ref().and_then(reading::about) {
            page.want(one.connection, kind, &id);
        }
        self.finish(&mut tx, page).await?;
        let traces = [trace(one, Outcome::Dead)];
        notifications::record(&mut tx, &traces, self.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    }
}
