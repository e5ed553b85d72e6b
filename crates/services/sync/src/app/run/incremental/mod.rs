//! What changed since the last run, in steps of its own.

mod routing;

use sqlx::{Postgres, Transaction};

use super::{Desk, Halt, Ledger, ledger::Entry};
use crate::{
    outbound::postgres::gaps::Gap,
    rules::{
        checkpoint::Checkpoint,
        counts::Counts,
        incremental::{Place, Step},
    },
};

/// Reads the step at which the run stands.
pub(super) async fn read(desk: &Desk, ledger: &mut Ledger, place: Place) -> Result<(), Halt> {
    match place.at {
        Step::Routing => routing::read(desk, ledger).await,
    }
}

/// Commits rows together with what they mean for the run; without a next step it is done.
async fn save(
    desk: &Desk,
    ledger: &mut Ledger,
    tx: Transaction<'static, Postgres>,
    next: Option<Place>,
    (counts, gaps): (Counts, Vec<Gap>),
) -> Result<(), Halt> {
    let checkpoint = next.map_or(Checkpoint::Finished, Checkpoint::Incremental);
    let entry = Entry {
        checkpoint,
        counts,
        gaps,
    };
    ledger.commit(desk, tx, entry).await
}
