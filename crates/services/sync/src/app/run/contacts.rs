//! All contacts: pages are fetched ahead, completed where their answers are cut, and written several at a time.

use std::collections::HashSet;

use futures::{StreamExt as _, TryStreamExt as _, stream, try_join};
use harken_intercom::{Cursor, Page, ReadError, models::Contact};
use tokio::sync::mpsc;

use super::{Desk, Halt, Ledger, fetch::complete, ledger::Entry};
use crate::{
    app::mirror,
    outbound::postgres::{Key, gaps::Gap, routing},
    rules::{
        ContactRecord, TagNames,
        checkpoint::Checkpoint,
        counts::{Counts, Kind, Skip, Tally},
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

pub(super) async fn read(
    desk: &Desk,
    ledger: &mut Ledger,
    after: Option<String>,
) -> Result<(), Halt> {
    let names = {
        let mut store = desk.sync.store.begin().await?;
        routing::tag_names(&mut store, desk.connection).await?
    };
    let after = after.map(Cursor::from_stored);
    if let Some(after) = &after
        && let Err(error @ ReadError::Rejected { .. }) = desk
            .ask(Kind::Contacts, || desk.reader.contacts(Some(after)))
            .await
    {
        return begin_again(desk, ledger, &error).await;
    }
    let (fetched, to_complete) = mpsc::channel(1);
    let (completed, to_write) = mpsc::channel(PAGES_AHEAD);
    try_join!(
        fetch(desk, after, fetched),
        complete_pages(desk, &names, to_complete, completed),
        write_all(desk, ledger, to_write),
    )?;
    Ok(())
}

/// Cursors are Intercom's and may be forgotten while we were away: the list is read again from its beginning.
async fn begin_again(desk: &Desk, ledger: &mut Ledger, error: &ReadError) -> Result<(), Halt> {
    desk.notes.warning(
        "The place in the list was forgotten; contacts are read again",
        error.request_id(),
    );
    let mut counts = ledger.counts().clone();
    *counts.of(Kind::Contacts) = crate::rules::counts::Count::default();
    let entry = Entry {
        checkpoint: Checkpoint::Contacts { after: None },
        counts,
        gaps: Vec::new(),
    };
    ledger
        .commit(desk, desk.sync.store.begin().await?, entry)
        .await
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

async fn complete_pages(
    desk: &Desk,
    names: &TagNames,
    mut pages: mpsc::Receiver<Page<Contact>>,
    completed: mpsc::Sender<Batch>,
) -> Result<(), Halt> {
    while let Some(page) = pages.recv().await {
        let done: Vec<(WholeSight<ContactRecord>, Vec<Gap>)> = stream::iter(page.items)
            .map(|contact| async {
                let mut gaps = Vec::new();
                let record = complete(desk, names, contact, &mut gaps).await?;
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
    ledger: &mut Ledger,
    mut batches: mpsc::Receiver<Batch>,
) -> Result<(), Halt> {
    let mut waiting = Vec::with_capacity(PAGES_AHEAD);
    while batches.recv_many(&mut waiting, PAGES_AHEAD).await > 0 {
        let joined = waiting.drain(..).fold(Batch::default(), Batch::join);
        write(desk, ledger, joined).await?;
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

async fn write(desk: &Desk, ledger: &mut Ledger, batch: Batch) -> Result<(), Halt> {
    let mut tx = desk.sync.store.begin().await?;
    let mut mirror = desk.open(&mut tx).await?;
    let mut counts = ledger.counts().clone();
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
    let entry = match batch.after {
        None => Entry {
            gaps: batch.gaps,
            ..ledger.last_of_step(desk, Kind::Contacts, counts)
        },
        Some(after) => Entry {
            checkpoint: Checkpoint::Contacts {
                after: Some(after.as_str().to_owned()),
            },
            counts,
            gaps: batch.gaps,
        },
    };
    ledger.commit(desk, tx, entry).await
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
