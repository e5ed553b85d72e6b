//! Conversations that were deleted, as far as Intercom lists them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use harken_contracts::subjects::RecordKind;

use super::{Ahead, Saved, open, save, watch::Watch};
use crate::{
    app::{
        mirror::{Burial, By},
        run::{Desk, Halt, Ledger, fetch::concerns_one_record},
    },
    outbound::postgres::Key,
    rules::{
        Cause,
        counts::Kind,
        incremental::{Place, SEARCH_LAG, Step},
    },
};

/// Pages that are read at most: 6,000 conversations deleted between two runs.
const MOST_PAGES: u32 = 100;

pub(super) async fn read(
    desk: &Desk,
    ledger: &mut Ledger,
    place: &Place,
    ahead: &mut Ahead,
) -> Result<(), Halt> {
    let watch = Watch::open(desk, place).await?;
    let gone = deleted_since(desk, place.since - SEARCH_LAG, ahead).await?;
    let mut tx = desk.sync.store.begin().await?;
    let mut mirror = desk.open(&mut tx).await?;
    let drift = watch.judge_gone(&mut tx, &gone).await?;
    let burials = gone.into_keys().map(|(connection, external_id)| Burial {
        connection,
        kind: RecordKind::Conversation,
        external_id,
        by: By::reading(Cause::Deleted),
    });
    mirror.bury(&mut tx, burials.collect()).await?;
    let mut counts = ledger.counts().clone();
    counts.of(Kind::Conversations).deleted += mirror.erased(RecordKind::Conversation);
    desk.close(&mut tx, mirror).await?;
    let next = if place.closes {
        Some(place.with(Step::Vanished))
    } else {
        open::begin(desk, place).await?
    };
    let saved = Saved {
        next,
        counts,
        gaps: Vec::new(),
        drift,
    };
    save(desk, ledger, tx, saved).await
}

/// What Intercom lists as deleted since `floor`, with the moment. Intercom may not have the list: then deletions are found
/// where a fetch is answered with 404.
async fn deleted_since(
    desk: &Desk,
    floor: DateTime<Utc>,
    ahead: &mut Ahead,
) -> Result<HashMap<Key, Option<DateTime<Utc>>>, Halt> {
    let mut gone = HashMap::new();
    for page in 1..=MOST_PAGES {
        let read = || desk.reader.deleted_conversations(page);
        let asked = match ahead.deleted.take() {
            Some(list) => Ok(list),
            None => desk.ask(Kind::Conversations, read).await,
        };
        let list = match asked {
            Ok(list) => list,
            Err(error) if concerns_one_record(&error) => {
                desk.notes.warning(
                    format!("The list of deleted conversations could not be read: {error}"),
                    error.request_id(),
                );
                break;
            }
            Err(error) => return Err(desk.fatal(Kind::Conversations, &error)),
        };
        let before = gone.len();
        for item in list.items {
            if item.deleted_at.is_none_or(|at| at >= floor) {
                gone.insert((desk.connection, item.id), item.deleted_at);
            }
        }
        if gone.len() == before || !list.goes_on {
            break;
        }
    }
    Ok(gone)
}
