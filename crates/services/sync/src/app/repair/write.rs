use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::Found;
use crate::{
    app::{
        Sync,
        mirror::{Burial, By, Merge, Page, Seen},
    },
    outbound::postgres::{
        StoreError,
        aliases::Alias,
        lacks,
        repairs::{self, Claimed, RepairKind},
    },
    rules::Cause,
};

impl Sync {
    /// Brings what was found into the mirror, and ends the repair with it.
    pub(super) async fn write(&self, claimed: &Claimed, found: Found) -> Result<(), StoreError> {
        let connection = claimed.wanted.connection;
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let mut page = Page::open(&mut tx, &BTreeSet::from([connection]), now).await?;
        if page.connection(connection).is_some_and(|row| row.is_open) {
            let by = By::reading(Cause::Updated);
            match found {
                Found::Conversation(sight) => {
                    let seen = vec![seen(claimed, *sight, by)];
                    page.write_conversations(&mut tx, seen).await?;
                }
                Found::Contact(sight, alias) => {
                    let merges = alias.into_iter().map(|alias| merge(claimed, alias, now));
                    page.merge(&mut tx, merges.collect()).await?;
                    page.write_contacts(&mut tx, vec![seen(claimed, *sight, by)])
                        .await?;
                }
                Found::Company(sight) => {
                    let seen = vec![seen(claimed, *sight, by)];
                    page.write_companies(&mut tx, seen, uuid::Uuid::nil())
                        .await?;
                }
                Found::Absorbed(ids) => {
                    let survivor = claimed.wanted.external_id.clone();
                    let merges = ids.into_iter().map(|external_id| {
                        let survivor = Some(survivor.clone());
                        merge(
                            claimed,
                            Alias {
                                external_id,
                                survivor,
                            },
                            now,
                        )
                    });
                    page.merge(&mut tx, merges.collect()).await?;
                }
                Found::Merged(alias) => {
                    if let Some(survivor) = &alias.survivor {
                        page.want(connection, RepairKind::Contact, survivor);
                    }
                    page.merge(&mut tx, vec![merge(claimed, alias, now)])
                        .await?;
                }
                Found::Gone(kind) => {
                    let burial = Burial {
                        connection,
                        kind,
                        external_id: claimed.wanted.external_id.clone(),
                        by,
                    };
                    page.bury(&mut tx, vec![burial]).await?;
                }
                Found::LeftOut(ids) => {
                    for id in ids {
                        page.want(connection, RepairKind::Conversation, &id);
                    }
                }
                Found::Vain(vain) => lacks::note(&mut tx, &[vain], now).await?,
                Found::Nothing | Found::NotYet => {}
            }
        }
        repairs::done(&mut tx, claimed).await?;
        if page.close(&mut tx).await? {
            self.wanted.notify_one();
        }
        tx.commit().await?;
        Ok(())
    }
}

fn seen<S>(claimed: &Claimed, sight: S, by: By) -> Seen<S> {
    Seen {
        connection: claimed.wanted.connection,
        sight,
        by,
    }
}

fn merge(claimed: &Claimed, alias: Alias, now: DateTime<Utc>) -> Merge {
    Merge {
        connection: claimed.wanted.connection,
        alias,
        told_at: Some(now),
        by: By::reading(Cause::Updated),
    }
}
