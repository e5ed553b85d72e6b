//! Contacts that changed, found by days and read newest first.

use std::collections::HashSet;

use chrono::SubsecRound as _;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use harken_contracts::subjects::RecordKind;
use harken_intercom::{Cursor, models::Contact};
use sqlx::PgConnection;

use super::{
    Ahead, Saved, save,
    watch::{SeenContacts, Watch},
};
use crate::{
    app::{
        mirror::{By, Page, Seen},
        run::{Desk, Halt, Ledger, contacts::tag_names, fetch::complete},
    },
    outbound::postgres::{
        Key, Keys, companies, contacts, gaps::Gap, repairs::RepairKind, tombstones,
    },
    rules::{
        Cause, ContactRecord, TagNames,
        counts::{Counts, Kind, Skip, Tally},
        drift::DriftTally,
        fold::{LastRead, Origin, WholeSight},
        incremental::{Days, Place},
    },
};

/// Sub-lists asked for at once.
const SUB_LISTS_AT_ONCE: usize = 16;

pub(super) async fn read(
    desk: &Desk,
    ledger: &mut Ledger,
    place: &Place,
    ahead: &mut Ahead,
) -> Result<(), Halt> {
    let names = tag_names(desk).await?;
    let watch = Watch::open(desk, place).await?;
    let mut days = Days::covering(place.since, desk.zone);
    let mut after: Option<Cursor> = None;
    loop {
        let search = || desk.reader.search_contacts(days.first(), after.as_ref());
        let page = match ahead.changed.take() {
            Some(page) => page,
            None => desk.need(Kind::Contacts, search).await?,
        };
        let changed_at: Vec<_> = page
            .items
            .iter()
            .map(|contact| contact.updated_at)
            .collect();
        let goes_on = days.go_on_after(&changed_at);
        // The same cursor again would go round for ever.
        let next = page
            .next
            .filter(|next| goes_on && after.as_ref() != Some(next));
        let news = unread(desk, page.items, &days).await?;
        let (records, gaps) = completed(desk, &names, news).await?;
        let mut counts = ledger.counts().clone();
        let mut tx = desk.sync.store.begin().await?;
        let drift = write(desk, &mut tx, records, (&mut counts, &watch), place.closes).await?;
        let then = if next.is_some() {
            place.clone()
        } else {
            place.after_contacts(desk.sync.clock.now())
        };
        let saved = Saved {
            next: Some(then),
            counts,
            gaps,
            drift,
        };
        save(desk, ledger, tx, saved).await?;
        match next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}

/// Those that changed since the last run, and that the mirror did not read as they are now.
async fn unread(desk: &Desk, found: Vec<Contact>, days: &Days) -> Result<Vec<Contact>, Halt> {
    let found: Vec<Contact> = found
        .into_iter()
        .filter(|contact| days.hold(contact.updated_at))
        .collect();
    let keys: Vec<Key> = found
        .iter()
        .map(|contact| (desk.connection, contact.id.clone()))
        .collect();
    let mut store = desk.sync.store.pool().acquire().await?;
    let held = contacts::held(&mut store, &keys.iter().collect::<Keys>()).await?;
    let is_known = |(key, contact): &(Key, Contact)| {
        held.get(key).is_some_and(|held| {
            let read = LastRead {
                updated_at: held.version.updated_at,
                told_at: held.version.told_at,
            };
            let updated_at = contact.updated_at.map(|at| at.trunc_subsecs(0));
            held.version.origin == Origin::Fetched && read.is_still(updated_at)
        })
    };
    let found = keys.into_iter().zip(found);
    Ok(found
        .filter(|one| !is_known(one))
        .map(|(_, contact)| contact)
        .collect())
}

async fn completed(
    desk: &Desk,
    names: &TagNames,
    found: Vec<Contact>,
) -> Result<(Vec<WholeSight<ContactRecord>>, Vec<Gap>), Halt> {
    let done: Vec<(WholeSight<ContactRecord>, Vec<Gap>)> = stream::iter(found)
        .map(|contact| async {
            let mut gaps = Vec::new();
            let record = complete(desk, names, contact, &mut gaps).await?;
            Ok::<_, Halt>((record, gaps))
        })
        .buffered(SUB_LISTS_AT_ONCE)
        .try_collect()
        .await?;
    let (records, gaps): (Vec<_>, Vec<Vec<Gap>>) = done.into_iter().unzip();
    Ok((records, gaps.into_iter().flatten().collect()))
}

/// Writes contacts, counts them, and says what had been wrong. Companies that they name for the first time are asked for.
async fn write(
    desk: &Desk,
    tx: &mut PgConnection,
    mut records: Vec<WholeSight<ContactRecord>>,
    (counts, watch): (&mut Counts, &Watch),
    closes: bool,
) -> Result<DriftTally, Halt> {
    let mut met = HashSet::with_capacity(records.len());
    records.retain(|sight| met.insert(sight.record.customer_id));
    let mut mirror = desk.open(tx).await?;
    let before = SeenContacts::before(desk, tx, &records).await?;
    want_companies(desk, tx, &mut mirror, &records).await?;
    // The full run that is closed has counted what it read; only what is new adds to its numbers.
    let (customers, nobodies): (Vec<_>, Vec<_>) = records
        .iter()
        .map(|sight| {
            let key = (desk.connection, sight.record.external_id.clone());
            (key, sight.record.is_customer)
        })
        .filter(|(key, _)| !closes || !before.holds(key))
        .partition(|(_, is_customer)| *is_customer);
    let seen = records.into_iter().map(|sight| Seen {
        connection: desk.connection,
        sight,
        by: By::reading(Cause::Updated),
    });
    let changed = mirror.write_contacts(tx, seen.collect()).await?;
    desk.close(tx, mirror).await?;
    let mut tally = Tally::default();
    tally.skip(Kind::Contacts, Skip::NoValidEmail, nobodies.len() as u64);
    counts.absorb(&tally);
    let written = customers
        .iter()
        .filter(|(key, _)| changed.contains(key))
        .count();
    counts.wrote(Kind::Contacts, customers.len(), written);
    Ok(before.judge(watch, &changed))
}

/// No search finds companies: those that a changed contact names and the mirror does not hold are fetched.
async fn want_companies(
    desk: &Desk,
    store: &mut PgConnection,
    mirror: &mut Page,
    records: &[WholeSight<ContactRecord>],
) -> Result<(), Halt> {
    let named: HashSet<Key> = records
        .iter()
        .flat_map(|sight| sight.record.company_external_ids.iter())
        .map(|id| (desk.connection, id.clone()))
        .collect();
    if named.is_empty() {
        return Ok(());
    }
    let keys: Keys = named.iter().collect();
    let held = companies::held(store, &keys).await?;
    let buried = tombstones::among(store, RecordKind::Company, &keys).await?;
    for key in named {
        if !held.contains_key(&key) && !buried.contains(&key) {
            mirror.want(key.0, RepairKind::Company, &key.1);
        }
    }
    Ok(())
}
