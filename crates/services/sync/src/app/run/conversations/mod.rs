//! Conversations of the backfill window with their parts: found by search, fetched many at a time, written in batches.

mod batch;
mod gather;
mod retrieve;
mod write;

use futures::try_join;
use tokio::sync::mpsc;

use super::{Desk, Halt, Ledger};
use crate::{outbound::postgres::routing, rules::checkpoint::Frontier};

pub(super) async fn read(desk: &Desk, ledger: &mut Ledger, frontier: Frontier) -> Result<(), Halt> {
    let names = {
        let mut store = desk.sync.store.begin().await?;
        routing::tag_names(&mut store, desk.connection).await?
    };
    if frontier.catches_up() {
        desk.notes.info("Reads what changed meanwhile");
    }
    let (gathered, to_write) = mpsc::channel(1);
    try_join!(
        gather::gather(desk, &names, frontier, gathered),
        write::write_all(desk, ledger, to_write),
    )?;
    Ok(())
}
