//! All contacts: pages are fetched ahead, completed where their answers are cut, and written several at a time.

use std::collections::HashSet;

use futures::{StreamExt as _, TryStreamExt as _, stream, try_join};
use harken_intercom::{Cursor, Page, ReadError, models::Contact};
use tokio::sync::mpsc;

use super::{
    Desk, Halt,
    book::Book,
    fetch::complete,
    gate::{Beyond, Gate},
};
use crate::{
    app::mirror,
    outbound::postgres::{Key, gaps::Gap, routing},
    rules::{
        ContactRecord, TagNames,
        checkpoint::{Listing, Position},
        counts::{Count, Counts, Kind, Skip, Tally},
        fold::WholeSight,
    },
};

/// Pages fetched or completed ahead of what is written.
const PAGES_AHEAD: usize = 4;
/// Sub-lists asked for at once.
const SUB_LISTS_AT_ONCE: usize = 16;

/// Contacts to be written together, and where the list goes on after them.
#[derive(Default)]
struct Batch {
    records: Vec<WholeSight<ContactRecord>>,
    gaps: Vec<Gap>,
    total: Option<u64>,
    unreadable: u32,
    after: Option<Cursor>,
}

/// Reads the list to its end. Its pages are taken once the tags are known; `done` stirs with each that is written.
pub(super) async fn read(
    desk: &Desk,
    book: &Book<'_>,
    tags_known: Beyond,
    done: Gate,
) -> Result<(), Halt> {
    let after = match book.places().await.contacts {
        Position::Beginning => None,
        Position::At(Listing { after }) => after.map(Cursor::from_stored),
        Position::Done => {
            done.open();
            return Ok(());
        }
    };
    let after = still_known(desk, book, after).await?;
    let (fetched, to_complete) = mpsc::channel(1);
    let (completed, to_write) = mpsc::channel(PAGES_AHEAD);
    try_join!(
        fetch(desk, after, fetched),
        complete_pages(desk, tags_known, to_complete, completed),
        write_all(desk, book, to_write, &done),
    )?;
    done.open();
    Ok(())
}

/// Cursors are Intercom's and may be forgotten while we were away: the list is read again from its beginning.
async fn still_known(
    desk: &Desk,
    book: &Book<'_>,
    after: Option<Cursor>,
) -> Result<Option<Cursor>, Halt> {
    let Some(cursor) = after else {
        return Ok(None);
    };
    let asked = desk.ask(Kind::Contacts, || desk.reader.contacts(Some(&cursor)));
    let Err(error @ ReadError::Rejected { .. }) = asked.await else {
        return Ok(Some(cursor));
    };
    desk.notes.warning(
        "The place in the list was forgotten; contacts are read again",
        error.request_id(),
    );
    let (book, tx) = (book.turn().await, desk.sync.store.begin().await?);
    let (mut places, mut counts) = (book.places(), book.counts());
    *counts.of(Kind::Contacts) = Count::default();
    places.contacts = Position::Beginning;
    book.commit(desk, tx, places, (counts, Vec::new())).await?;
    Ok(None)
}

async fn fetch(
    desk: &Desk,
    mut after: Option<Cursor>,
    fetched: mpsc::Sender<Page<Contact>>,
) -> Result<(), Halt> {
    loop {
        let page = desk
            .need(Kind::Contacts, || desk.reader.contacts(after.as_ref()))
            .await?;
        let next = page.next.clone();
        if next.is_some() && next == after {
            return Err(Halt::Failed(
                "Intercom's list of contacts goes round in a circle. Start the sync again later."
                    .to_owned(),
            ));
        }
        // Nobody takes it any more: the reason is told by whoever stopped.
        if fetched.send(page).await.is_err() || next.is_none() {
            return Ok(());
        }
        after = next;
    }
}

/// The names of the workspace's tags: contacts and conversations tell theirs by id alone.
pub(super) async fn tag_names(desk: &Desk) -> Result<TagNames, Halt> {
    let mut store = desk.sync.store.begin().await?;
    Ok(routing::tag_names(&mut store, desk.connection).await?)
}

async fn complete_pages(
    desk: &Desk,
    mut tags_known: Beyond,
    mut pages: mpsc::Receiver<Page<Contact>>,
    completed: mpsc::Sender<Batch>,
) -> Result<(), Halt> {
    tags_known.passed().await?;
    let names = tag_names(desk).await?;
    while let Some(page) = pages.recv().await {
        let done: Vec<(WholeSight<ContactRecord>, Vec<Gap>)> = stream::iter(page.items)
            .map(|contact| async {
                let mut gaps = Vec::new();
                let record = complete(desk, &names, contact, &mut gaps).await?;
                Ok::<_, Halt>((record, gaps))
            })
            .buffered(SUB_LISTS_AT_ONCE)
            .try_collect()
            .await?;
        let (records, gaps): (Vec<_>, Vec<_>) = done.into_iter().unzip();
        let batch = Batch {
            records,
            gaps: gaps.into_iter().flatten().collect(),
            total: page.total,
            unreadable: page.unreadable,
            after: page.next,
        };
        if completed.send(batch).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

async fn write_all(
    desk: &Desk,
    book: &Book<'_>,
    mut batches: mpsc::Receiver<Batch>,
    done: &Gate,
) -> Result<(), Halt> {
    let mut waiting = Vec::with_capacity(PAGES_AHEAD);
    while batches.recv_many(&mut waiting, PAGES_AHEAD).await > 0 {
        let joined = waiting.drain(..).fold(Batch::default(), Batch::join);
        write(desk, book, joined).await?;
        done.stir();
    }
    Ok(())
}

impl Batch {
    fn join(mut self, later: Self) -> Self {
        self.records.extend(later.records);
        self.gaps.extend(later.gaps);
        Self {
            total: later.total.or(self.total),
            unreadable: self.unreadable + later.unreadable,
            after: later.after,
            ..self
        }
    }
}

async fn write(desk: &Desk, book: &Book<'_>, batch: Batch) -> Result<(), Halt> {
    let (book, mut tx) = (book.turn().await, desk.sync.store.begin().await?);
    let mut mirror = desk.open(&mut tx).await?;
    let (mut places, mut counts) = (book.places(), book.counts());
    if let Some(total) = batch.total {
        let mut tally = Tally::default();
        tally.expect(Kind::Contacts, total);
        counts.absorb(&tally);
    }
    if batch.unreadable > 0 {
        desk.notes.warning(
            format!("{} contacts without an id were left out", batch.unreadable),
            None,
        );
    }
    write_records(desk, (&mut mirror, &mut tx), batch.records, &mut counts).await?;
    desk.close(&mut tx, mirror).await?;
    let Some(after) = batch.after else {
        let said = (counts, batch.gaps);
        return book.end(desk, tx, Kind::Contacts, said).await;
    };
    let after = Some(after.as_str().to_owned());
    places.contacts = Position::At(Listing { after });
    book.commit(desk, tx, places, (counts, batch.gaps)).await
}

/// Writes contacts, tells what changed, and counts. The same contact may come twice; its last form counts.
pub(super) async fn write_records(
    desk: &Desk,
    (mirror, tx): (&mut mirror::Page, &mut sqlx::PgConnection),
    mut records: Vec<WholeSight<ContactRecord>>,
    counts: &mut Counts,
) -> Result<(), Halt> {
    let mut met = HashSet::with_capacity(records.len());
    records.reverse();
    records.retain(|sight| met.insert(sight.record.customer_id));
    records.reverse();
    let customers: Vec<Key> = records
        .iter()
        .filter(|sight| sight.record.is_customer)
        .map(|sight| (desk.connection, sight.record.external_id.clone()))
        .collect();
    let nobodies = records.len() - customers.len();
    let seen = records.into_iter().map(|sight| desk.seen(sight)).collect();
    let changed = mirror.write_contacts(tx, seen).await?;
    let mut tally = Tally::default();
    tally.skip(Kind::Contacts, Skip::NoValidEmail, nobodies as u64);
    counts.absorb(&tally);
    let changed = customers
        .iter()
        .filter(|key| changed.contains(*key))
        .count();
    counts.wrote(Kind::Contacts, customers.len(), changed);
    Ok(())
}
