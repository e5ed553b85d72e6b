use sqlx::{Postgres, Transaction};
use tokio::sync::{Mutex, MutexGuard};

use super::{Desk, Halt, Ledger, ledger::Entry};
use crate::{
    outbound::postgres::gaps::Gap,
    rules::{
        checkpoint::{Checkpoint, Places},
        counts::{Counts, Kind},
    },
};

/// The ledger of a full run, written to by several steps, one at a time.
#[derive(Debug)]
pub(super) struct Book<'a>(Mutex<Pages<'a>>);

#[derive(Debug)]
struct Pages<'a> {
    ledger: &'a mut Ledger,
    places: Places,
}

/// The book while a step writes: nobody else does until it is let go.
#[derive(Debug)]
pub(super) struct Turn<'b, 'a>(MutexGuard<'b, Pages<'a>>);

impl<'a> Book<'a> {
    pub(super) fn new(ledger: &'a mut Ledger, places: Places) -> Self {
        Self(Mutex::new(Pages { ledger, places }))
    }

    /// Waits for its turn to write.
    pub(super) async fn turn(&self) -> Turn<'_, 'a> {
        Turn(self.0.lock().await)
    }

    /// How far the steps are.
    pub(super) async fn places(&self) -> Places {
        self.turn().await.places()
    }
}

impl Turn<'_, '_> {
    pub(super) fn places(&self) -> Places {
        self.0.places.clone()
    }

    pub(super) fn counts(&self) -> Counts {
        self.0.ledger.counts().clone()
    }

    /// Commits a batch of a step that has come to another place.
    pub(super) async fn commit(
        mut self,
        desk: &Desk,
        tx: Transaction<'static, Postgres>,
        places: Places,
        (counts, gaps): (Counts, Vec<Gap>),
    ) -> Result<(), Halt> {
        let checkpoint = Checkpoint::Everything(places.clone());
        let entry = Entry {
            checkpoint,
            counts,
            gaps,
        };
        self.0.ledger.commit(desk, tx, entry).await?;
        self.0.places = places;
        Ok(())
    }

    /// Commits the last batch of a step: what was seen is all there is.
    pub(super) async fn end(
        self,
        desk: &Desk,
        tx: Transaction<'static, Postgres>,
        kind: Kind,
        (mut counts, gaps): (Counts, Vec<Gap>),
    ) -> Result<(), Halt> {
        desk.note_end(kind, &mut counts);
        let mut places = self.places();
        places.end(kind);
        self.commit(desk, tx, places, (counts, gaps)).await
    }

    /// Commits a list of one call: `given` records, `changed` of them new or different.
    pub(super) async fn end_list(
        self,
        desk: &Desk,
        tx: Transaction<'static, Postgres>,
        kind: Kind,
        (given, changed): (usize, usize),
    ) -> Result<(), Halt> {
        let mut counts = self.counts();
        counts.wrote(kind, given, changed);
        self.end(desk, tx, kind, (counts, Vec::new())).await
    }

    /// Goes on without a step that could not be read.
    pub(super) async fn skip(
        self,
        desk: &Desk,
        tx: Transaction<'static, Postgres>,
        kind: Kind,
        gap: Gap,
    ) -> Result<(), Halt> {
        let (mut places, counts) = (self.places(), self.counts());
        places.end(kind);
        self.commit(desk, tx, places, (counts, vec![gap])).await
    }
}
