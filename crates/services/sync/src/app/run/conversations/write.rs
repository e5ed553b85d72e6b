use std::collections::HashSet;

use harken_contracts::subjects::RecordKind;
use sqlx::PgConnection;
use tokio::sync::mpsc;

use super::batch::{Batch, Placed};
use crate::{
    app::{
        mirror::{By, Merge, Page},
        run::{Desk, Halt, book::Book, contacts::write_records},
    },
    outbound::postgres::{
        Key,
        completeness::{self, Parts},
        gaps::{Gap, GapKind},
    },
    rules::{
        Cause,
        checkpoint::Position,
        counts::{Counts, Kind},
        fold::ConversationSight,
        lacking::{Lack, Lacking},
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
    let read = write_conversations(
        desk,
        (&mut mirror, &mut tx),
        records,
        &mut counts,
        catches_up,
    )
    .await?;
    gaps.extend(read);
    counts.of(Kind::Contacts).deleted += mirror.erased(RecordKind::Contact);
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
) -> Result<Vec<Gap>, Halt> {
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
    let counts_again = |id: &String| {
        let changed = changed.get(&(desk.connection, id.clone()));
        catches_up && changed.is_none_or(|changed| changed.was_held)
    };
    let ids: Vec<String> = given.into_iter().map(|((_, id), _)| id).collect();
    note_parts(desk, tx, &ids, (counts, counts_again)).await
}

/// Counts the parts that are held of conversations that were read, unless they were counted before; a gap for each of which
/// Intercom gives the latest alone.
pub(in crate::app::run) async fn note_parts(
    desk: &Desk,
    store: &mut PgConnection,
    ids: &[String],
    (counts, counts_again): (&mut Counts, impl Fn(&String) -> bool),
) -> Result<Vec<Gap>, Halt> {
    let mut gaps = Vec::new();
    for parts in completeness::parts_of(store, desk.connection, ids).await? {
        if !counts_again(&parts.external_id) {
            counts.of(Kind::Conversations).truncated += u64::from(parts.is_truncated);
            let count = counts.of(Kind::Parts);
            count.held += u64::from(parts.held.unsigned_abs());
            count.counted += u64::from(parts.counted.unwrap_or(0).unsigned_abs());
        }
        if parts.is_truncated {
            gaps.push(truncated(parts));
        }
    }
    Ok(gaps)
}

fn truncated(parts: Parts) -> Gap {
    let lacking = Lacking {
        lack: Lack::Truncated,
        detail: "",
        parts_held: Some(parts.held.unsigned_abs()),
        parts_counted: parts.counted.map(i32::unsigned_abs),
        permission: "",
    };
    Gap {
        kind: GapKind::Parts,
        lack: Lack::Truncated,
        reason: lacking.detail(),
        external_id: parts.external_id,
        request_id: None,
    }
}
