//! Tags, admins, teams: one call each, replaced whole. The run goes on without those that may not be read.

use futures::try_join;

use super::{Desk, Halt, book::Book, gate::Gate, without};
use crate::{
    outbound::postgres::{aliases, routing},
    rules::counts::Kind,
};

/// Reads all of them at once; the gate opens when the tags are known.
pub(super) async fn read(desk: &Desk, book: &Book<'_>, tags_known: Gate) -> Result<(), Halt> {
    let done = book.places().await.lists;
    let tags = async {
        if !done.contains(&Kind::Tags) {
            tags(desk, book).await?;
        }
        tags_known.open();
        Ok::<_, Halt>(())
    };
    let admins = async {
        if !done.contains(&Kind::Admins) {
            admins(desk, book).await?;
        }
        Ok::<_, Halt>(())
    };
    let teams = async {
        if !done.contains(&Kind::Teams) {
            teams(desk, book).await?;
        }
        Ok::<_, Halt>(())
    };
    try_join!(tags, admins, teams)?;
    Ok(())
}

async fn tags(desk: &Desk, book: &Book<'_>) -> Result<(), Halt> {
    let read = desk.may(Kind::Tags, || desk.reader.tags()).await?;
    let (book, mut tx) = (book.turn().await, desk.sync.store.begin().await?);
    // Who absorbed whom is learned anew by each full run.
    aliases::forget(&mut tx, desk.connection).await?;
    match read {
        Ok(tags) => {
            let changed = routing::replace_tags(&mut tx, desk.connection, &tags).await?;
            let said = (tags.len(), changed);
            book.end_list(desk, tx, Kind::Tags, said).await
        }
        Err(error) => {
            let gap = without(desk, Kind::Tags, "", &error);
            book.skip(desk, tx, Kind::Tags, gap).await
        }
    }
}

async fn admins(desk: &Desk, book: &Book<'_>) -> Result<(), Halt> {
    let read = desk.may(Kind::Admins, || desk.reader.admins()).await?;
    let (book, mut tx) = (book.turn().await, desk.sync.store.begin().await?);
    match read {
        Ok(admins) => {
            let changed = routing::replace_admins(&mut tx, desk.connection, &admins).await?;
            let said = (admins.len(), changed);
            book.end_list(desk, tx, Kind::Admins, said).await
        }
        Err(error) => {
            let gap = without(desk, Kind::Admins, "", &error);
            book.skip(desk, tx, Kind::Admins, gap).await
        }
    }
}

async fn teams(desk: &Desk, book: &Book<'_>) -> Result<(), Halt> {
    let read = desk.may(Kind::Teams, || desk.reader.teams()).await?;
    let (book, mut tx) = (book.turn().await, desk.sync.store.begin().await?);
    match read {
        Ok(teams) => {
            let changed = routing::replace_teams(&mut tx, desk.connection, &teams).await?;
            let said = (teams.len(), changed);
            book.end_list(desk, tx, Kind::Teams, said).await
        }
        Err(error) => {
            let gap = without(desk, Kind::Teams, "", &error);
            book.skip(desk, tx, Kind::Teams, gap).await
        }
    }
}
