use std::collections::HashSet;

use sqlx::PgConnection;
use tokio::sync::mpsc;

use super::batch::{Batch, Placed};
use crate::{
    app::{
        mirror::{By, Merge, Page},
        run::{Desk, Halt, book::Book, contacts::write_records},
    },
    outbound::postgres::Key,
    rules::{
        Cause,
        checkpoint::Position,
        counts::{Counts, Kind},
        fold::ConversationSight,
    },
};

pub(super) async fn write_all(
    desk: &Desk,
    book: &Book<'_>,
    mut batches: mpsc::Receiver<Placed>,
) -> Result<(), Halt> {
    while let Some(placed) = batches.recv().await {
        write(desk, book, placed).await?;
    }
    Ok(())
}

async fn write(desk: &Desk, book: &Book<'_>, placed: Placed) -> Result<(), Halt> {
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
    let (book, mut tx) = (book.turn().await, desk.sync.store.begin().await?);
    let mut mirror = desk.open(&mut tx).await?;
    let mut counts = book.counts();
    counts.absorb(&tally);
    let told_at = desk.sync.clock.now();
    let merges = learned.aliases.into_iter().map(|alias| Merge {
        connection: desk.connection,
        told_at: alias.survivor.is_some().then_some(told_at),
        alias,
        by: By::reading(Cause::Imported),
    });
    mirror.merge(&mut tx, merges.collect()).await?;
    let contacts = learned.contacts;
    write_records(desk, (&mut mirror, &mut tx), contacts, &mut counts).await?;
    gaps.extend(learned.gaps);
    write_conversations(
        desk,
        (&mut mirror, &mut tx),
        records,
        &mut counts,
        catches_up,
    )
    .await?;
    desk.close(&mut tx, mirror).await?;
    let Some(frontier) = frontier else {
        let said = (counts, gaps);
        return book.end(desk, tx, Kind::Conversations, said).await;
    };
    let mut steps = book.places();
    steps.conversations = Position::At(frontier);
    book.commit(desk, tx, steps, (counts, gaps)).await
}

async fn write_conversations(
    desk: &Desk,
    (mirror, tx): (&mut Page, &mut PgConnection),
    mut records: Vec<ConversationSight>,
    counts: &mut Counts,
    catches_up: bool,
) -> Result<(), Halt> {
    let mut met = HashSet::with_capacity(records.len());
    records.retain(|sight| met.insert(sight.external_id.clone()));
    let given: Vec<(Key, usize)> = records
        .iter()
        .map(|sight| {
            (
                (desk.connection, sight.external_id.clone()),
                sight.parts().count(),
            )
        })
        .collect();
    let seen = records.into_iter().map(|sight| desk.seen(sight)).collect();
    let changed = mirror.write_conversations(tx, seen).await?;
    let counted: Vec<(usize, bool)> = given
        .iter()
        .map(|(key, parts)| (*parts, changed.get(key)))
        // A round that catches up meets again what was counted before; only what is new adds to the numbers.
        .filter(|(_, changed)| !catches_up || changed.is_some_and(|changed| !changed.was_held))
        .map(|(parts, changed)| (parts, changed.is_some()))
        .collect();
    let parts_of = |which: &dyn Fn(bool) -> bool| {
        let some = counted.iter().filter(|(_, changed)| which(*changed));
        some.map(|(parts, _)| parts).sum::<usize>()
    };
    let new_or_changed = counted.iter().filter(|(_, changed)| *changed).count();
    counts.wrote(Kind::Conversations, counted.len(), new_or_changed);
    counts.wrote(
        Kind::Parts,
        parts_of(&|_| true),
        parts_of(&|changed| changed),
    );
    Ok(())
}
