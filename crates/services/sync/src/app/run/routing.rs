//! Tags, admins, teams: one call each, replaced whole.

use super::{Desk, Halt, Ledger};
use crate::{
    outbound::postgres::{aliases, routing},
    rules::counts::Kind,
};

pub(super) async fn tags(desk: &Desk, ledger: &mut Ledger) -> Result<(), Halt> {
    let tags = desk.need(Kind::Tags, || desk.reader.tags()).await?;
    let mut tx = desk.sync.store.begin().await?;
    // Who absorbed whom is learned anew by each full run.
    aliases::forget(&mut tx, desk.connection).await?;
    let changed = routing::replace_tags(&mut tx, desk.connection, &tags).await?;
    let entry = ledger.whole_step(desk, Kind::Tags, tags.len(), changed);
    ledger.commit(desk, tx, entry).await
}

pub(super) async fn admins(desk: &Desk, ledger: &mut Ledger) -> Result<(), Halt> {
    let admins = desk.need(Kind::Admins, || desk.reader.admins()).await?;
    let mut tx = desk.sync.store.begin().await?;
    let changed = routing::replace_admins(&mut tx, desk.connection, &admins).await?;
    let entry = ledger.whole_step(desk, Kind::Admins, admins.len(), changed);
    ledger.commit(desk, tx, entry).await
}

pub(super) async fn teams(desk: &Desk, ledger: &mut Ledger) -> Result<(), Halt> {
    let teams = desk.need(Kind::Teams, || desk.reader.teams()).await?;
    let mut tx = desk.sync.store.begin().await?;
    let changed = routing::replace_teams(&mut tx, desk.connection, &teams).await?;
    let entry = ledger.whole_step(desk, Kind::Teams, teams.len(), changed);
    ledger.commit(desk, tx, entry).await
}
