//! Tags, admins, teams: one call each, replaced whole. The run goes on without those that may not be read.

use super::{Saved, save};
use crate::{
    app::run::{Desk, Halt, Ledger, without},
    outbound::postgres::routing,
    rules::{
        counts::Kind,
        drift::DriftTally,
        incremental::{Place, Step},
    },
};

pub(super) async fn read(desk: &Desk, ledger: &mut Ledger, place: &Place) -> Result<(), Halt> {
    let tags = desk.may(Kind::Tags, || desk.reader.tags()).await?;
    let admins = desk.may(Kind::Admins, || desk.reader.admins()).await?;
    let teams = desk.may(Kind::Teams, || desk.reader.teams()).await?;
    let mut counts = ledger.counts().clone();
    let mut gaps = Vec::new();
    let mut tx = desk.sync.store.begin().await?;
    match tags {
        Ok(tags) => {
            let changed = routing::replace_tags(&mut tx, desk.connection, &tags).await?;
            counts.wrote(Kind::Tags, tags.len(), changed);
        }
        Err(error) => gaps.push(without(desk, Kind::Tags, "", &error)),
    }
    match admins {
        Ok(admins) => {
            let changed = routing::replace_admins(&mut tx, desk.connection, &admins).await?;
            counts.wrote(Kind::Admins, admins.len(), changed);
        }
        Err(error) => gaps.push(without(desk, Kind::Admins, "", &error)),
    }
    match teams {
        Ok(teams) => {
            let changed = routing::replace_teams(&mut tx, desk.connection, &teams).await?;
            counts.wrote(Kind::Teams, teams.len(), changed);
        }
        Err(error) => gaps.push(without(desk, Kind::Teams, "", &error)),
    }
    let saved = Saved {
        next: Some(place.with(Step::Contacts)),
        counts,
        gaps,
        drift: DriftTally::default(),
    };
    save(desk, ledger, tx, saved).await
}
