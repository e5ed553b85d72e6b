use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use harken_contracts::subjects::RecordKind;
use harken_domain::ConnectionId;
use sqlx::PgConnection;

use super::{By, Page};
use crate::outbound::postgres::{
    Key, Keys, StoreError,
    aliases::{self, Alias},
    repairs::RepairKind,
    tombstones,
};

/// A record that was deleted.
#[derive(Debug)]
pub(crate) struct Burial {
    pub(crate) connection: ConnectionId,
    pub(crate) kind: RecordKind,
    pub(crate) external_id: String,
    pub(crate) by: By,
}

/// A contact that was absorbed by another, or that could not be found.
#[derive(Debug)]
pub(crate) struct Merge {
    pub(crate) connection: ConnectionId,
    pub(crate) alias: Alias,
    /// When it was told; none where it was only not found.
    pub(crate) told_at: Option<DateTime<Utc>>,
    pub(crate) by: By,
}

impl Page {
    /// Buries records: their rows go, and nothing brings them back.
    pub(crate) async fn bury(
        &mut self,
        store: &mut PgConnection,
        burials: Vec<Burial>,
    ) -> Result<(), StoreError> {
        for kind in [
            RecordKind::Contact,
            RecordKind::Company,
            RecordKind::Conversation,
        ] {
            let of_kind = burials.iter().filter(|burial| burial.kind == kind);
            let gone: BTreeMap<Key, By> = of_kind
                .map(|burial| ((burial.connection, burial.external_id.clone()), burial.by))
                .collect();
            if gone.is_empty() {
                continue;
            }
            let keys: Keys = gone.keys().collect();
            for key in tombstones::bury(store, kind, &keys, self.now).await? {
                if let Some(by) = gone.get(&key) {
                    self.note_applied(by);
                }
            }
            match kind {
                RecordKind::Contact => drop(self.erase_contacts(store, &gone).await?),
                RecordKind::Company => self.erase_companies(store, &gone).await?,
                RecordKind::Conversation => self.erase_conversations(store, &gone).await?,
            }
        }
        Ok(())
    }

    /// Notes who was absorbed by whom: the absorbed contacts go, and their conversations follow to who survives.
    pub(crate) async fn merge(
        &mut self,
        store: &mut PgConnection,
        merges: Vec<Merge>,
    ) -> Result<(), StoreError> {
        // Nobody absorbs itself.
        let is_one =
            |merge: &&Merge| merge.alias.survivor.as_ref() != Some(&merge.alias.external_id);
        let rows: Vec<_> = merges
            .iter()
            .filter(is_one)
            .map(|merge| (merge.connection, merge.alias.clone(), merge.told_at))
            .collect();
        let news = aliases::note(store, &rows).await?;
        let mut absorbed = BTreeMap::new();
        for merge in merges.iter().filter(is_one) {
            let key = (merge.connection, merge.alias.external_id.clone());
            if news.contains(&key) {
                self.note_applied(&merge.by);
                if merge.alias.survivor.is_some() {
                    absorbed.insert(key, merge.by);
                }
            }
        }
        if absorbed.is_empty() {
            return Ok(());
        }
        let erased = self.erase_contacts(store, &absorbed).await?;
        // What nobody took part in may have been left out; now it is the survivor's.
        let nobodies: Vec<Key> = erased
            .into_iter()
            .filter(|one| !one.was_customer)
            .map(|one| one.key)
            .collect();
        let known = aliases::resolve(store, &nobodies.iter().collect()).await?;
        for ((connection, _), survivor) in known {
            let id = &survivor.external_id;
            if survivor.is_customer.is_none() {
                self.want(connection, RepairKind::Contact, id);
            }
            self.want(connection, RepairKind::ConversationsOf, id);
        }
        Ok(())
    }
}
