//! All companies, by the workspace's only scroll; by their list where another app keeps it.

use std::{collections::HashSet, time::Duration};

use harken_intercom::{Cursor, ReadError, ScrollPage, TransportError};
use tokio::time::{Instant, sleep};

use super::{Desk, Halt, book::Book, fetch::concerns_one_record, gate::Gate, without};
use crate::{
    outbound::postgres::{
        companies,
        gaps::{Gap, GapKind},
    },
    rules::{
        CompanyRecord,
        checkpoint::{Position, Scroll},
        counts::{Count, Kind},
        fold::WholeSight,
        lacking::Lack,
    },
};

/// Scrolls that break are begun again this often.
const MOST_GENERATIONS: u32 = 8;
/// How long one waits for somebody else's scroll; unused ones expire after a minute.
const SCROLL_FREE_WITHIN: Duration = Duration::from_mins(5);
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Stands for a scroll while the list is read.
const LIST: &str = "list";

/// Reads generation after generation until one comes to its end.
pub(super) async fn read(desk: &Desk, book: &Book<'_>, done: Gate) -> Result<(), Halt> {
    loop {
        match book.places().await.companies {
            Position::Beginning => read_generation(desk, book, 1).await?,
            Position::At(Scroll {
                generation,
                scroll: None,
            }) => read_generation(desk, book, generation).await?,
            Position::At(Scroll {
                generation,
                scroll: Some(left_over),
            }) => {
                let again = format!("Companies are read again: generation {}", generation + 1);
                desk.notes.warning(again, None);
                read_to_its_end(desk, Cursor::from_stored(left_over)).await;
                begin_again(desk, book, generation).await?;
            }
            Position::Done => break,
        }
    }
    done.open();
    Ok(())
}

async fn read_generation(desk: &Desk, book: &Book<'_>, generation: u32) -> Result<(), Halt> {
    let mut scroll: Option<Cursor> = None;
    loop {
        let page = match next_page(desk, scroll.as_ref()).await {
            Ok(page) => page,
            Err(error) if error.is_scroll_taken() => {
                return read_list(desk, book, generation, &error).await;
            }
            Err(error) if scroll.is_none() && concerns_one_record(&error) => {
                let gap = without(desk, Kind::Companies, "", &error);
                let (book, tx) = (book.turn().await, desk.sync.store.begin().await?);
                return book.skip(desk, tx, Kind::Companies, gap).await;
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
                return begin_again(desk, book, generation).await;
            }
        };
        if page.items.is_empty() && page.unreadable == 0 {
            let (book, tx) = (book.turn().await, desk.sync.store.begin().await?);
            let counts = book.counts();
            return book
                .end(desk, tx, Kind::Companies, (counts, Vec::new()))
                .await;
        }
        let next = page.next.clone();
        write(desk, book, generation, page).await?;
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
    let patience = SCROLL_FREE_WITHIN.min(desk.sync.limits.patience);
    loop {
        let page = desk
            .ask(Kind::Companies, || desk.reader.scroll_companies(None))
            .await;
        match page {
            Err(error) if error.is_scroll_taken() && since.elapsed() < patience => {
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

async fn begin_again(desk: &Desk, book: &Book<'_>, generation: u32) -> Result<(), Halt> {
    let (book, tx) = (book.turn().await, desk.sync.store.begin().await?);
    let (mut places, mut counts) = (book.places(), book.counts());
    *counts.of(Kind::Companies) = Count::default();
    places.companies = Position::At(Scroll {
        generation: generation + 1,
        scroll: None,
    });
    book.commit(desk, tx, places, (counts, Vec::new())).await
}

/// Another app keeps the scroll. The list serves instead, as far as it goes: it stops at 10,000 companies and leaves out
/// those without people, so it ends with a gap.
async fn read_list(
    desk: &Desk,
    book: &Book<'_>,
    generation: u32,
    taken: &ReadError,
) -> Result<(), Halt> {
    desk.notes.warning(
        "Another app holds the scroll over companies; their list is read instead",
        taken.request_id(),
    );
    let mut number = Some(1);
    while let Some(asked) = number {
        let read = desk
            .ask(Kind::Companies, || desk.reader.companies(asked))
            .await;
        let page = match read {
            Ok(page) => page,
            Err(error) if concerns_one_record(&error) => {
                let message = format!("The list of companies ends: {error}");
                desk.notes.warning(message, error.request_id());
                break;
            }
            Err(error) => return Err(desk.fatal(Kind::Companies, &error)),
        };
        number = page.next_number.filter(|next| *next > asked);
        let page = ScrollPage {
            items: page.items,
            unreadable: page.unreadable,
            // As if it were a scroll: after a stop it is begun again.
            next: Some(Cursor::from_stored(LIST)),
        };
        write(desk, book, generation, page).await?;
    }
    let gap = Gap {
        kind: GapKind::List(Kind::Companies),
        external_id: String::new(),
        lack: Lack::Refused,
        request_id: taken.request_id().map(str::to_owned),
        reason: "Another app was reading the companies of this workspace all the time. Their list gives at most 10,000, \
                 and none without people. Start the sync again later."
            .to_owned(),
    };
    let (book, tx) = (book.turn().await, desk.sync.store.begin().await?);
    let counts = book.counts();
    book.end(desk, tx, Kind::Companies, (counts, vec![gap]))
        .await
}

async fn write(
    desk: &Desk,
    book: &Book<'_>,
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
    let (book, mut tx) = (book.turn().await, desk.sync.store.begin().await?);
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
    let (mut places, mut counts) = (book.places(), book.counts());
    counts.wrote(Kind::Companies, ids.len(), changed);
    desk.close(&mut tx, mirror).await?;
    let scroll = page.next.map(|next| next.as_str().to_owned());
    places.companies = Position::At(Scroll { generation, scroll });
    book.commit(desk, tx, places, (counts, Vec::new())).await
}
