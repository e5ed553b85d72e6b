//! Companies. No search finds those that changed, and the scroll over all of them is the workspace's only one: it is read
//! once a day. In between, notifications tell of companies, and those that changed contacts name for the first time are fetched.

use std::collections::HashSet;

use chrono::TimeDelta;
use harken_intercom::{Cursor, ReadError, ScrollPage, TransportError};

use super::{Saved, pass, save};
use crate::{
    app::{
        mirror::{By, Seen},
        run::{Desk, Halt, Ledger},
    },
    outbound::postgres::settings::{self, Round},
    rules::{
        Cause, CompanyRecord,
        counts::Kind,
        drift::DriftTally,
        fold::WholeSight,
        incremental::{Place, Step},
    },
};

/// How often all of them are read again.
const EVERY: TimeDelta = TimeDelta::days(1);

/// Where a run goes on that has read all else: at the companies, if it is time.
pub(super) async fn begin(desk: &Desk, place: &Place) -> Result<Option<Place>, Halt> {
    let mut store = desk.sync.store.pool().acquire().await?;
    let last = settings::last_round(&mut store, desk.connection, Round::Companies).await?;
    let is_due = last.is_none_or(|last| desk.sync.clock.now() >= last + EVERY);
    Ok(is_due.then(|| place.with(Step::Companies)))
}

pub(super) async fn read(desk: &Desk, ledger: &mut Ledger, place: &Place) -> Result<(), Halt> {
    let mut scroll: Option<Cursor> = None;
    loop {
        let asked = desk
            .ask(Kind::Companies, || {
                desk.reader.scroll_companies(scroll.as_ref())
            })
            .await;
        let page = match asked {
            Ok(page) => page,
            Err(
                error @ ReadError::Transport(
                    TransportError::ConnectionBroken { .. } | TransportError::Refused { .. },
                ),
            ) => return Err(desk.fatal(Kind::Companies, &error)),
            // Another reads them, or the scroll broke: all else has been read, and the next run tries again.
            Err(error) => {
                desk.notes.warning(
                    format!("Companies were not read again: {error}"),
                    error.request_id(),
                );
                return pass(desk, ledger, None).await;
            }
        };
        scroll.clone_from(&page.next);
        if page.items.is_empty() || scroll.is_none() {
            write(desk, ledger, page, None).await?;
            let mut store = desk.sync.store.pool().acquire().await?;
            let now = desk.sync.clock.now();
            settings::made_round(&mut store, desk.connection, Round::Companies, now).await?;
            return Ok(());
        }
        write(desk, ledger, page, Some(place.clone())).await?;
    }
}

async fn write(
    desk: &Desk,
    ledger: &mut Ledger,
    page: ScrollPage,
    next: Option<Place>,
) -> Result<(), Halt> {
    let mut met = HashSet::with_capacity(page.items.len());
    let mut items = page.items;
    items.retain(|item| met.insert(item.id.clone()));
    let given = items.len();
    let seen = items.into_iter().map(|item| {
        let updated_at = item.updated_at;
        Seen {
            connection: desk.connection,
            sight: WholeSight::new(CompanyRecord::from(item), updated_at, desk.reading()),
            by: By::reading(Cause::Updated),
        }
    });
    let mut tx = desk.sync.store.begin().await?;
    let mut mirror = desk.open(&mut tx).await?;
    let changed = mirror
        .write_companies(&mut tx, seen.collect(), desk.run.as_uuid())
        .await?
        .len();
    desk.close(&mut tx, mirror).await?;
    let mut counts = ledger.counts().clone();
    counts.wrote(Kind::Companies, given, changed);
    let saved = Saved {
        next,
        counts,
        gaps: Vec::new(),
        drift: DriftTally::default(),
    };
    save(desk, ledger, tx, saved).await
}
