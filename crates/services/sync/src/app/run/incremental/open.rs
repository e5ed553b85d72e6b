//! Open conversations, read again now and then: titles, attributes and service levels have no topic, and what a workflow
//! closes may move without one. The search shows each as it is, so that only those that differ are fetched.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use harken_intercom::{Cursor, SearchWindow, models::Conversation};

use super::{
    companies, pass,
    refetch::{Refetch, refetch},
    watch::Watch,
};
use crate::{
    app::run::{Desk, Halt, Ledger, customers::Customers},
    outbound::postgres::{
        Key, Keys, conversations,
        settings::{self, Round},
    },
    rules::{
        counts::{Kind, Tally},
        fold::ConversationSight,
        incremental::{Place, SEARCH_LAG, Slice, Step},
        search::Found,
    },
};

/// How often all of them are read again.
const EVERY: TimeDelta = TimeDelta::hours(6);
/// Pages that one run reads; the next goes on from there.
const MOST_PAGES: u32 = 20;
/// Conversations of one page that Intercom does not list as open any more and that are fetched to see.
const MOST_UNLISTED: i64 = 200;

impl Found for Conversation {
    fn id(&self) -> &str {
        &self.id
    }

    fn updated_at(&self) -> Option<i64> {
        self.updated_at.map(|at| at.timestamp())
    }
}

/// Where a run goes on that has read what changed: at the open conversations, if it is time.
pub(super) async fn begin(desk: &Desk, place: &Place) -> Result<Option<Place>, Halt> {
    let mut store = desk.sync.store.pool().acquire().await?;
    let last = settings::last_round(&mut store, desk.connection, Round::Open).await?;
    if last.is_some_and(|last| desk.sync.clock.now() < last + EVERY) {
        drop(store);
        return companies::begin(desk, place).await;
    }
    let from = settings::open_read_until(&mut store, desk.connection).await?;
    // What changed later has just been read.
    let until = place.since - SEARCH_LAG;
    let slice = Slice::new(from.unwrap_or(DateTime::UNIX_EPOCH), until);
    Ok(Some(place.with(Step::Open { slice, pages: 0 })))
}

pub(super) async fn read(
    desk: &Desk,
    ledger: &mut Ledger,
    place: &Place,
    (mut slice, mut pages): (Slice, u32),
) -> Result<(), Halt> {
    let customers = Customers::new(desk);
    let watch = Watch::open(desk, place).await?;
    while pages < MOST_PAGES
        && let Some(question) = slice.question()
    {
        let window = SearchWindow {
            after: question.after,
            before: question.before,
        };
        let cursor = question.cursor.map(Cursor::from_stored);
        let page = desk
            .need(Kind::Conversations, || {
                desk.reader
                    .search_open_conversations(window, cursor.as_ref())
            })
            .await?;
        let here = place.with(Step::Open {
            slice: slice.clone(),
            pages,
        });
        let from = slice.read_until();
        let mut listed: HashSet<String> = slice.taken().iter().cloned().collect();
        listed.extend(page.items.iter().map(|found| found.id.clone()));
        let found = slice.take(page.items, page.next.map(|next| next.as_str().to_owned()));
        pages += 1;
        let learned = customers
            .meet(found.iter().flat_map(Conversation::contact_ids).collect())
            .await?;
        let (mut wanted, mut held) = differing(desk, &customers, found).await?;
        let unlisted = no_longer_open(desk, (from, slice.read_until()), &listed).await?;
        held.extend(unlisted.iter().cloned());
        wanted.extend(unlisted);
        let what = Refetch {
            wanted,
            held,
            learned,
            tally: Tally::default(),
        };
        let then = place.with(Step::Open {
            slice: slice.clone(),
            pages,
        });
        let places = (here, Some(then));
        refetch(desk, ledger, (&customers, &watch), what, places).await?;
    }
    end(desk, &slice).await?;
    let next = companies::begin(desk, place).await?;
    pass(desk, ledger, next).await
}

/// Those that the mirror does not hold as the search shows them.
async fn differing(
    desk: &Desk,
    customers: &Customers<'_>,
    found: Vec<Conversation>,
) -> Result<(Vec<String>, HashSet<String>), Halt> {
    let keys: Vec<Key> = found
        .iter()
        .map(|found| (desk.connection, found.id.clone()))
        .collect();
    let mut store = desk.sync.store.pool().acquire().await?;
    let held = conversations::held(&mut store, &keys.iter().collect::<Keys>()).await?;
    drop(store);
    let window = desk.sync.clock.now() - desk.backfill;
    let mut wanted = Vec::new();
    for (key, found) in keys.into_iter().zip(found) {
        let is_customers = !customers.among(&found.contact_ids()).is_empty();
        let sight = ConversationSight::new(found, desk.reading());
        let is_wanted = match held.get(&key) {
            Some(held) => {
                held.version.updated_at < sight.version.updated_at
                    || (held.version.updated_at == sight.version.updated_at
                        && held.version.hash != sight.version.hash)
            }
            None => is_customers && sight.version.updated_at >= window,
        };
        if is_wanted {
            wanted.push(key.1);
        }
    }
    let held = held.into_keys().map(|(_, id)| id).collect();
    Ok((wanted, held))
}

/// Those that the mirror takes to be open, though Intercom does not list them in this span.
async fn no_longer_open(
    desk: &Desk,
    span: (DateTime<Utc>, DateTime<Utc>),
    listed: &HashSet<String>,
) -> Result<Vec<String>, Halt> {
    let listed: Vec<&str> = listed.iter().map(String::as_str).collect();
    let mut store = desk.sync.store.pool().acquire().await?;
    let found =
        conversations::open_but_for(&mut store, desk.connection, span, &listed, MOST_UNLISTED);
    Ok(found.await?)
}

/// Notes that the round is made, or up to where it got.
async fn end(desk: &Desk, slice: &Slice) -> Result<(), Halt> {
    let until = slice.question().map(|_| slice.read_until());
    let mut tx = desk.sync.store.begin().await?;
    settings::set_open_read_until(&mut tx, desk.connection, until).await?;
    if until.is_none() {
        let now = desk.sync.clock.now();
        settings::made_round(&mut tx, desk.connection, Round::Open, now).await?;
    }
    tx.commit().await?;
    Ok(())
}
