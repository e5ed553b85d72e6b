//! Tags, admins, teams: one call each, replaced whole.

use super::save;
use crate::{
    app::run::{Desk, Halt, Ledger},
    outbound::postgres::routing,
    rules::counts::Kind,
};

pub(super) async fn read(desk: &Desk, ledger: &mut Ledger) -> Result<(), Halt> {
    let tags = desk.need(Kind::Tags, || desk.reader.tags()).await?;
    let admins = desk.need(Kind::Admins, || desk.reader.admins()).await?;
    let teams = desk.need(Kind::Teams, || desk.reader.teams()).await?;
    let mut counts = ledger.counts().clone();
    let mut tx = desk.sync.store.begin().await?;
    let changed = routing::replace_tags(&mut tx, desk.connection, &tags).await?;
    counts.wrote(Kind::Tags, tags.len(), changed);
    let changed = routing::replace_admins(&mut tx, desk.connection, &admins).await?;
    counts.wrote(Kind::Admins, admins.len(), changed);
    let changed = routing::replace_teams(&mut tx, desk.connection, &teams).await?;
    counts.wrote(Kind::Teams, teams.len(), changed);
    save(desk, ledger, tx, None, (counts, Vec::new())).await
}
