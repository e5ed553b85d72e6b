//! Contacts that the mirror holds and Intercom does not list any more. There is no list of deleted contacts: Intercom's count
//! tells whether there are such at all, and each that is suspected is asked for.

use std::collections::HashSet;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use harken_contracts::subjects::RecordKind;
use harken_intercom::{Cursor, ReadError};

use super::{Ahead, Saved, save};
use crate::{
    app::{
        mirror::{Burial, By, Merge},
        run::{
            Desk, Halt, Ledger,
            contacts::tag_names,
            fetch::{complete, concerns_one_record},
        },
    },
    outbound::postgres::{aliases::Alias, contacts},
    rules::{
        Cause, ContactRecord, TagNames, counts::Kind, drift::DriftTally, fold::WholeSight,
        incremental::Place,
    },
};

/// Contacts that one run asks for at most; more are left to the next one.
const MOST_SUSPECTS: usize = 500;
/// Pages that are listed again at most to find who went after having been listed.
const MOST_PAGES: usize = 200;
const AT_ONCE: usize = 16;

/// What Intercom says of a contact that is suspected.
enum Said {
    There(Box<WholeSight<ContactRecord>>),
    Gone(String),
    Absorbed(Alias),
    Nothing,
}

pub(super) async fn read(
    desk: &Desk,
    ledger: &mut Ledger,
    place: &Place,
    ahead: &mut Ahead,
) -> Result<(), Halt> {
    let suspects = suspects(desk, place, ahead).await?;
    let names = tag_names(desk).await?;
    let said: Vec<Said> = stream::iter(suspects)
        .map(|id| ask(desk, &names, id))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let by = By::reading(Cause::Updated);
    let now = desk.sync.clock.now();
    let (mut there, mut burials, mut merges) = (Vec::new(), Vec::new(), Vec::new());
    for one in said {
        match one {
            Said::There(sight) => there.push(desk.seen(*sight)),
            Said::Gone(external_id) => burials.push(Burial {
                connection: desk.connection,
                kind: RecordKind::Contact,
                external_id,
                by,
            }),
            Said::Absorbed(alias) => merges.push(Merge {
                connection: desk.connection,
                told_at: Some(now),
                alias,
                by,
            }),
            Said::Nothing => {}
        }
    }
    let mut tx = desk.sync.store.begin().await?;
    let mut mirror = desk.open(&mut tx).await?;
    mirror.merge(&mut tx, merges).await?;
    mirror.bury(&mut tx, burials).await?;
    mirror.write_contacts(&mut tx, there).await?;
    let mut counts = ledger.counts().clone();
    counts.of(Kind::Contacts).deleted += mirror.erased(RecordKind::Contact);
    desk.close(&mut tx, mirror).await?;
    let saved = Saved {
        next: None,
        counts,
        gaps: Vec::new(),
        drift: DriftTally::default(),
    };
    save(desk, ledger, tx, saved).await
}

async fn suspects(desk: &Desk, place: &Place, ahead: &mut Ahead) -> Result<Vec<String>, Halt> {
    let list = || desk.reader.contacts(None);
    let page = match ahead.listed.take() {
        Some(page) => page,
        None => desk.need(Kind::Contacts, list).await?,
    };
    let mut store = desk.sync.store.pool().acquire().await?;
    let held = contacts::count_listable(&mut store, desk.connection).await?;
    let Some(total) = page.total.and_then(|total| usize::try_from(total).ok()) else {
        return Ok(Vec::new());
    };
    let Some(vanished) = held.checked_sub(total).filter(|vanished| *vanished > 0) else {
        return Ok(Vec::new());
    };
    let mut suspects: Vec<String> =
        contacts::unlisted_since(&mut store, desk.connection, place.since, MOST_SUSPECTS).await?;
    drop(store);
    let pages = total.div_ceil(page.items.len().max(1));
    if suspects.len() < vanished && pages <= MOST_PAGES {
        desk.notes
            .info("Contacts went after they had been listed; they are listed again");
        suspects = no_longer_listed(desk).await?;
    }
    suspects.truncate(MOST_SUSPECTS);
    Ok(suspects)
}

/// Those that are held, and in no page of the whole list.
async fn no_longer_listed(desk: &Desk) -> Result<Vec<String>, Halt> {
    let held = {
        let mut store = desk.sync.store.pool().acquire().await?;
        contacts::listable(&mut store, desk.connection).await?
    };
    let mut left: HashSet<String> = held.into_iter().collect();
    let mut after: Option<Cursor> = None;
    for _ in 0..=MOST_PAGES {
        let page = desk
            .need(Kind::Contacts, || desk.reader.contacts(after.as_ref()))
            .await?;
        for contact in &page.items {
            left.remove(&contact.id);
        }
        match page.next {
            Some(next) if after.as_ref() != Some(&next) => after = Some(next),
            _ => return Ok(left.into_iter().collect()),
        }
    }
    // A list that does not end proves nothing.
    Ok(Vec::new())
}

async fn ask(desk: &Desk, names: &TagNames, id: String) -> Result<Said, Halt> {
    match desk.ask(Kind::Contacts, || desk.reader.contact(&id)).await {
        // Intercom may answer with the survivor itself.
        Ok(contact) if contact.id != id => Ok(Said::Absorbed(Alias {
            external_id: id,
            survivor: Some(contact.id),
        })),
        Ok(contact) => {
            let sight = complete(desk, names, contact, &mut Vec::new()).await?;
            Ok(Said::There(Box::new(sight)))
        }
        Err(ReadError::NotFound { .. } | ReadError::Merged { into: None, .. }) => {
            Ok(Said::Gone(id))
        }
        Err(ReadError::Merged { into, .. }) => Ok(Said::Absorbed(Alias {
            external_id: id,
            survivor: into,
        })),
        Err(error) if concerns_one_record(&error) => {
            desk.notes.warning(
                format!("A contact could not be read: {error}"),
                error.request_id(),
            );
            Ok(Said::Nothing)
        }
        Err(error) => Err(desk.fatal(Kind::Contacts, &error)),
    }
}
