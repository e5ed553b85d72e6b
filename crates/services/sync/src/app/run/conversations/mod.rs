//! Conversations of the backfill window with their parts: found by search, fetched many at a time, written in batches.

mod backlog;
mod batch;
mod gather;
mod retrieve;
mod search;
mod write;

pub(super) use write::note_parts;

use futures::try_join;
use tokio::sync::mpsc;

use super::{
    Desk, Halt,
    book::Book,
    gate::{Beyond, Gate},
};
use crate::rules::checkpoint::{Frontier, Position};

/// What conversations wait for.
pub(super) struct Before {
    /// Contacts and conversations tell their tags by id alone.
    pub(super) tags: Beyond,
    /// A conversation whose contacts are not known is held back until their list is through.
    pub(super) contacts: Beyond,
    /// Only when all this is read it is looked for what changed meanwhile.
    pub(super) catching_up: [Beyond; 2],
}

/// What others learn of the rounds. A gate that never opens is let go of.
pub(super) struct Rounds {
    /// It is looked for what changed meanwhile.
    pub(super) catching_up: Option<Gate>,
    /// The first look found nothing.
    pub(super) nothing_changed: Option<Gate>,
}

impl Rounds {
    /// Tells that a round begins that looks for what changed.
    fn begins(&mut self) {
        match self.catching_up.take() {
            Some(gate) => gate.open(),
            None => self.nothing_changed = None,
        }
    }

    /// Tells that the last one is over.
    fn over(&mut self) {
        if let Some(gate) = self.nothing_changed.take() {
            gate.open();
        }
    }
}

pub(super) async fn read(
    desk: &Desk,
    book: &Book<'_>,
    before: Before,
    rounds: Rounds,
) -> Result<(), Halt> {
    let frontier = match book.places().await.conversations {
        Position::Beginning => Frontier::backfill(desk.sync.clock.now(), desk.backfill),
        Position::At(frontier) => frontier,
        Position::Done => return Ok(()),
    };
    if frontier.catches_up() {
        desk.notes.info("Reads what changed meanwhile");
    }
    let (gathered, to_write) = mpsc::channel(1);
    try_join!(
        gather::gather(desk, frontier, (before, rounds), gathered),
        write::write_all(desk, book, to_write),
    )?;
    Ok(())
}
