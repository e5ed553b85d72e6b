use std::collections::HashSet;

use sqlx::PgConnection;
use tokio::sync::mpsc;

use super::batch::{Batch, Placed};
use crate::{
    app::run::{Desk, Halt, Ledger, contacts::write_records, ledger::Entry},
    outbound::{
        events::record_changed,
        postgres::{aliases, conversations, parts},
    },
    rules::{
        ConversationRecord,
        checkpoint::Checkpoint,
        counts::{Counts, Kind},
    },
};

pub(super) async fn write_all(
    desk: &Desk,
    ledger: &mut Ledger,
    mut batches: mpsc::Receiver<Placed>,
) -> Result<(), Halt> {
    while let Some(placed) = batches.recv().await {
        write(desk, ledger, placed).await?;
    }
    Ok(())
}

async fn write(desk: &Desk, ledger: &mut Ledger, placed: Placed) -> Result<(), Halt> {
    let Placed {
        batch,
        frontier,
        catches_up,
    } = placed;
    let Batch {
        records,
        learned,
        tally,
        mut gaps,
        ..
    } = batch;
    let mut tx = desk.sync.store.begin().await?;
    let mut counts = ledger.counts().clone();
    counts.absorb(&tally);
    write_records(desk, &mut tx, learned.contacts, &mut counts).await?;
    aliases::upsert(&mut tx, desk.connection, &learned.aliases).await?;
    gaps.extend(learned.gaps);
    write_conversations(desk, &mut tx, records, &mut counts, catches_up).await?;
    let entry = match frontier {
        Some(frontier) => Entry {
            checkpoint: Checkpoint::Conversations(frontier),
            counts,
            gaps,
        },
        None => Entry {
            gaps,
            ..ledger.last_of_step(desk, Kind::Conversations, counts)
        },
    };
    ledger.commit(desk, tx, entry).await
}

async fn write_conversations(
    desk: &Desk,
    tx: &mut PgConnection,
    mut records: Vec<ConversationRecord>,
    counts: &mut Counts,
    catches_up: bool,
) -> Result<(), Halt> {
    let mut met = HashSet::with_capacity(records.len());
    records.retain(|record| met.insert(record.conversation_id));
    if records.is_empty() {
        return Ok(());
    }
    let now = desk.sync.clock.now();
    let written = conversations::upsert(tx, desk.connection, &records, now).await?;
    let changed: Vec<&ConversationRecord> = records
        .iter()
        .zip(&written)
        .filter(|(_, written)| written.is_some())
        .map(|(record, _)| record)
        .collect();
    let held: Vec<&str> = records
        .iter()
        .zip(&written)
        .filter(|(_, written)| written.is_some_and(|written| written.was_held))
        .map(|(record, _)| record.external_id.as_str())
        .collect();
    parts::forget(tx, desk.connection, &held).await?;
    parts::insert(tx, desk.connection, &changed).await?;
    let counted: Vec<(&ConversationRecord, bool)> = records
        .iter()
        .zip(&written)
        // A round that catches up meets again what was counted before; only what is new adds to the numbers.
        .filter(|(_, written)| !catches_up || written.is_some_and(|written| !written.was_held))
        .map(|(record, written)| (record, written.is_some()))
        .collect();
    let parts_of = |which: &dyn Fn(bool) -> bool| {
        let some = counted.iter().filter(|(_, changed)| which(*changed));
        some.map(|(record, _)| record.parts.len()).sum::<usize>()
    };
    let new_or_changed = counted.iter().filter(|(_, changed)| *changed).count();
    counts.wrote(Kind::Conversations, counted.len(), new_or_changed);
    counts.wrote(
        Kind::Parts,
        parts_of(&|_| true),
        parts_of(&|changed| changed),
    );
    let told = records
        .into_iter()
        .zip(written)
        .filter_map(|(record, written)| Some((record, written?.revision)));
    record_changed::post(tx, desk.concerned(), told, now).await?;
    Ok(())
}
