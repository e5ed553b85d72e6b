//! All companies, by the workspace's only scroll.

use std::{collections::HashSet, time::Duration};

use harken_intercom::{Cursor, ReadError, ScrollPage, TransportError};
use tokio::time::{Instant, sleep};

use super::{Desk, Halt, Ledger, fetch::concerns_one_record, ledger::Entry, without};
use crate::{
    outbound::postgres::{
        companies,
        gaps::{Gap, GapKind},
    },
    rules::{
        CompanyRecord,
        checkpoint::Checkpoint,
        counts::{Count, Kind},
        fold::WholeSight,
    },
};

/// Scrolls that break are begun again this often.
const MOST_GENERATIONS: u32 = 8;
/// How long one waits for somebody else's scroll; unused ones expire after a minute.
const SCROLL_FREE_WITHIN: Duration = Duration::from_mins(5);
const LOOK_EVERY: Duration = Duration::from_secs(5);

pub(super) async fn read(
    desk: &Desk,
    ledger: &mut Ledger,
    generation: u32,
    scroll: Option<String>,
) -> Result<(), Halt> {
    if let Some(left_over) = scroll {
        desk.notes.warning(
            format!("Companies are read again: generation {}", generation + 1),
            None,
        );
        read_to_its_end(desk, Cursor::from_stored(left_over)).await;
        return begin_again(desk, ledger, generation).await;
    }
    let mut scroll: Option<Cursor> = None;
    loop {
        let page = match next_page(desk, scroll.as_ref()).await {
            Ok(page) => page,
            Err(error) if error.is_scroll_taken() => return give_up(desk, ledger, &error).await,
            Err(error) if scroll.is_none() && concerns_one_record(&error) => {
                let gap = without(desk, Kind::Companies, "", &error);
                let entry = ledger.skipped_step(desk, gap);
                let tx = desk.sync.store.begin().await?;
                return ledger.commit(desk, tx, entry).await;
            }
            Err(error) => {
                let Some(broken) =
                    scroll.filter(|_| is_lost(&error) && generation < MOST_GENERATIONS)
                else {
                    return Err(desk.fatal(Kind::Companies, &error));
                };
                let message = format!("The scroll over companies broke: {error}");
                desk.notes.warning(message, error.request_id());
                read_to_its_end(desk, broken).await;
                return begin_again(desk, ledger, generation).await;
            }
        };
        if page.items.is_empty() && page.unreadable == 0 {
            let entry = ledger.last_of_step(desk, Kind::Companies, ledger.counts().clone());
            return ledger
                .commit(desk, desk.sync.store.begin().await?, entry)
                .await;
        }
        let next = page.next.clone();
        write(desk, ledger, generation, page).await?;
        match next {
            Some(next) => scroll = Some(next),
            None => {
                return Err(Halt::Failed(
                    "Intercom's scroll over companies broke off. Start the sync again.".to_owned(),
                ));
            }
        }
    }
}

/// The first page may be asked for until it comes; a later one not, for the scroll may have moved although we got nothing.
async fn next_page(desk: &Desk, scroll: Option<&Cursor>) -> Result<ScrollPage, ReadError> {
    if scroll.is_some() {
        return desk.reader.scroll_companies(scroll).await;
    }
    let since = Instant::now();
    loop {
        let page = desk
            .ask(Kind::Companies, || desk.reader.scroll_companies(None))
            .await;
        match page {
            Err(error) if error.is_scroll_taken() && since.elapsed() < SCROLL_FREE_WITHIN => {
                desk.notes
                    .waits_for("Waits: another app is reading the companies of this workspace");
                sleep(LOOK_EVERY).await;
            }
            page => {
                desk.notes.waits_for("");
                return page;
            }
        }
    }
}

/// Whether the scroll is gone: expired, broken inside Intercom, or moved without us.
fn is_lost(error: &ReadError) -> bool {
    match error {
        ReadError::NotFound { .. } | ReadError::Malformed { .. } | ReadError::Rejected { .. } => {
            true
        }
        ReadError::Transport(cause) => {
            cause.is_transient() && !matches!(cause, TransportError::ConnectionBroken { .. })
        }
        _ => false,
    }
}

/// Frees the workspace's only scroll without waiting for it to expire.
async fn read_to_its_end(desk: &Desk, mut scroll: Cursor) {
    while let Ok(ScrollPage {
        items,
        next: Some(next),
        ..
    }) = desk.reader.scroll_companies(Some(&scroll)).await
        && !items.is_empty()
    {
        scroll = next;
    }
}

async fn begin_again(desk: &Desk, ledger: &mut Ledger, generation: u32) -> Result<(), Halt> {
    let mut counts = ledger.counts().clone();
    *counts.of(Kind::Companies) = Count::default();
    let entry = Entry {
        checkpoint: Checkpoint::Companies {
            generation: generation + 1,
            scroll: None,
        },
        counts,
        gaps: Vec::new(),
    };
    ledger
        .commit(desk, desk.sync.store.begin().await?, entry)
        .await
}

/// Everything else is worth having without companies.
async fn give_up(desk: &Desk, ledger: &mut Ledger, error: &ReadError) -> Result<(), Halt> {
    desk.notes.warning(
        "Companies were not read: another app holds the scroll",
        error.request_id(),
    );
    let mut entry = ledger.last_of_step(desk, Kind::Companies, ledger.counts().clone());
    entry.gaps.push(Gap {
        kind: GapKind::List(Kind::Companies),
        external_id: String::new(),
        reason: "Another app was reading the companies of this workspace all the time. Start the sync again later."
            .to_owned(),
    });
    ledger
        .commit(desk, desk.sync.store.begin().await?, entry)
        .await
}

async fn write(
    desk: &Desk,
    ledger: &mut Ledger,
    generation: u32,
    page: ScrollPage,
) -> Result<(), Halt> {
    let mut met = HashSet::with_capacity(page.items.len());
    let mut items = page.items;
    items.retain(|item| met.insert(item.id.clone()));
    let ids: Vec<String> = items.iter().map(|item| item.id.clone()).collect();
    let seen = items.into_iter().map(|item| {
        let updated_at = item.updated_at;
        desk.seen(WholeSight::new(
            CompanyRecord::from(item),
            updated_at,
            desk.reading(),
        ))
    });
    let mut tx = desk.sync.store.begin().await?;
    let mut mirror = desk.open(&mut tx).await?;
    let changed = mirror
        .write_companies(&mut tx, seen.collect(), desk.run.as_uuid())
        .await?
        .len();
    let changed = if generation == 1 {
        changed
    } else {
        // What an earlier generation changed counts as changed by this run, too.
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        companies::changed_by(&mut tx, desk.connection, desk.run, &ids).await?
    };
    let mut counts = ledger.counts().clone();
    counts.wrote(Kind::Companies, ids.len(), changed);
    desk.close(&mut tx, mirror).await?;
    let scroll = page.next.map(|next| next.as_str().to_owned());
    let checkpoint = Checkpoint::Companies { generation, scroll };
    ledger
        .commit(
            desk,
            tx,
            Entry {
                checkpoint,
                counts,
                gaps: Vec::new(),
            },
        )
        .await
}
