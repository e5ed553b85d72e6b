use std::collections::{BTreeMap, HashSet};

use harken_contracts::subjects::RecordKind;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{By, Page, SeenCompany};
use crate::{
    outbound::{
        events::record_changed::{self, Told},
        postgres::{Key, Keys, StoreError, companies, lacks, revisions, tombstones},
    },
    rules::{Cause, fold::Origin},
};

impl Page {
    /// Takes in companies that were seen; answers those that are new or different now. `changed_by` is the run that read
    /// them, or nil.
    pub(crate) async fn write_companies(
        &mut self,
        store: &mut PgConnection,
        seen: Vec<SeenCompany>,
        changed_by: Uuid,
    ) -> Result<HashSet<Key>, StoreError> {
        if seen.is_empty() {
            return Ok(HashSet::new());
        }
        let keys: HashSet<Key> = seen.iter().map(key_of).collect();
        let keys: Keys = keys.iter().collect();
        let fetched = seen
            .iter()
            .filter(|one| one.sight.version.origin == Origin::Fetched);
        let fetched: Vec<Key> = fetched.map(key_of).collect();
        lacks::heal(store, RecordKind::Company, &fetched.iter().collect()).await?;
        let buried = tombstones::among(store, RecordKind::Company, &keys).await?;
        let held = companies::held(store, &keys).await?;
        let mut kept: BTreeMap<Key, SeenCompany> = BTreeMap::new();
        for one in seen {
            let key = key_of(&one);
            let newest = kept.get(&key).map(|kept| &kept.sight.version);
            let newest = newest.or_else(|| held.get(&key));
            if buried.contains(&key) || newest.is_some_and(|newest| one.sight.version <= *newest) {
                continue;
            }
            if newest.is_none_or(|newest| newest.hash != one.sight.version.hash) {
                self.note_applied(&one.by);
            }
            kept.insert(key, one);
        }
        let is_news = |key: &Key, one: &SeenCompany| {
            held.get(key)
                .is_none_or(|held| held.hash != one.sight.version.hash)
        };
        let rows: Vec<_> = kept
            .iter()
            .map(|(key, one)| (key.0, &one.sight, is_news(key, one)))
            .collect();
        let revisions = companies::write(store, &rows, changed_by, self.now).await?;
        let mut changed = HashSet::new();
        let mut told = Vec::new();
        for (key, one) in kept {
            let Some(revision) = revisions.get(&key).filter(|_| is_news(&key, &one)) else {
                continue;
            };
            told.push(Told {
                connection: key.0,
                revision: *revision,
                cause: one.by.cause,
                heard_at: one.by.heard_at,
                record: one.sight.record.into(),
            });
            changed.insert(key);
        }
        let kind = RecordKind::Company;
        record_changed::post(store, kind, self.organization(), told, self.now).await?;
        Ok(changed)
    }

    /// Erases companies.
    pub(super) async fn erase_companies(
        &mut self,
        store: &mut PgConnection,
        gone: &BTreeMap<Key, By>,
    ) -> Result<(), StoreError> {
        let keys: Keys = gone.keys().collect();
        let erased = companies::erase(store, &keys).await?;
        lacks::heal(store, RecordKind::Company, &keys).await?;
        self.note_erased(RecordKind::Company, erased.len());
        let revisions = revisions::take(store, erased.len()).await?;
        let told = erased
            .into_iter()
            .zip(revisions)
            .map(|(key, revision)| Told {
                connection: key.0,
                revision,
                cause: Cause::Deleted,
                heard_at: gone.get(&key).and_then(|by| by.heard_at),
                record: record_changed::deleted(RecordKind::Company, key.1, String::new()),
            });
        let (kind, told) = (RecordKind::Company, told.collect());
        record_changed::post(store, kind, self.organization(), told, self.now).await?;
        Ok(())
    }
}

fn key_of(seen: &SeenCompany) -> Key {
    (seen.connection, seen.sight.record.external_id.clone())
}
