//! Tags, admins, teams: one call each, replaced whole. The run goes on without those that may not be read.

use super::{Desk, Halt, Ledger, without};
use crate::{
    outbound::postgres::{aliases, routing},
    rules::counts::Kind,
};

pub(super) async fn tags(desk: &Desk, ledger: &mut Ledger) -> Result<(), Halt> {
    let read = desk.may(Kind::Tags, || desk.reader.tags()).await?;
    let mut tx = desk.sync.store.begin().await?;
    // Who absorbed whom is learned anew by each full run.
    aliases::forget(&mut tx, desk.connection).await?;
    let entry = match read {
        Ok(tags) => {
            let changed = routing::replace_tags(&mut tx, desk.connection, &tags).await?;
            ledger.whole_step(desk, Kind::Tags, tags.len(), changed)
        }
        Err(error) => ledger.skipped_step(desk, without(desk, Kind::Tags, "", &error)),
    };
    ledger.commit(desk, tx, entry).await
}

pub(super) async fn admins(desk: &Desk, ledger: &mut Ledger) -> Result<(), Halt> {
    let read = desk.may(Kind::Admins, || desk.reader.admins()).await?;
    let mut tx = desk.sync.store.begin().await?;
    let entry = match read {
        Ok(admins) => {
            let changed = routing::replace_admins(&mut tx, desk.connection, &admins).await?;
            ledger.whole_step(desk, Kind::Admins, admins.len(), changed)
        }
        Err(error) => ledger.skipped_step(desk, without(desk, Kind::Admins, "", &error)),
    };
    ledger.commit(desk, tx, entry).await
}

pub(super) async fn teams(desk: &Desk, ledger: &mut Ledger) -> Result<(), Halt> {
    let read = desk.may(Kind::Teams, || desk.reader.teams()).await?;
    let mut tx = desk.sync.store.begin().await?;
    let entry = match read {
        Ok(teams) => {
            let changed = routing::replace_teams(&mut tx, desk.connection, &teams).await?;
            ledger.whole_step(desk, Kind::Teams, teams.len(), changed)
        }
        Err(error) => ledger.skipped_step(desk, without(desk, Kind::Teams, "", &error)),
    };
    ledger.commit(desk, tx, entry).await
}
