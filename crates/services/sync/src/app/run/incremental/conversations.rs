//! Conversations that changed, to the second, oldest first.

use std::collections::HashSet;

use harken_intercom::{Cursor, SearchWindow, SortOrder};

use super::{
    pass,
    refetch::{Refetch, refetch},
    watch::Watch,
};
use crate::{
    app::run::{Desk, Halt, Ledger, customers::Customers},
    outbound::postgres::{Key, Keys, conversations},
    rules::{
        counts::{Kind, Skip, Tally},
        incremental::{Place, Slice, Step},
    },
};

pub(super) async fn read(
    desk: &Desk,
    ledger: &mut Ledger,
    place: &Place,
    mut slice: Slice,
) -> Result<(), Halt> {
    // Nothing lies between the last run and this one, by a clock that was put back.
    if slice.question().is_none() {
        return pass(desk, ledger, Some(place.with(Step::Deleted))).await;
    }
    let customers = Customers::new(desk);
    let watch = Watch::open(desk, place).await?;
    while let Some(question) = slice.question() {
        let window = SearchWindow {
            after: question.after,
            before: question.before,
        };
        let cursor = question.cursor.map(Cursor::from_stored);
        let page = desk
            .need(Kind::Conversations, || {
                desk.reader
                    .search_conversations(window, SortOrder::Ascending, cursor.as_ref())
            })
            .await?;
        let here = place.with(Step::Conversations {
            slice: slice.clone(),
        });
        let found = slice.take(page.items, page.next.map(|next| next.as_str().to_owned()));
        let then = if slice.question().is_some() {
            place.with(Step::Conversations {
                slice: slice.clone(),
            })
        } else {
            place.with(Step::Deleted)
        };
        let learned = customers
            .meet(
                found
                    .iter()
                    .flat_map(|found| found.contact_ids.clone())
                    .collect(),
            )
            .await?;
        let ids: Vec<&str> = found.iter().map(|found| found.id.as_str()).collect();
        let mut store = desk.sync.store.pool().acquire().await?;
        let read = conversations::last_read(&mut store, desk.connection, &ids).await?;
        let keys: Vec<Key> = ids
            .iter()
            .map(|id| (desk.connection, (*id).to_owned()))
            .collect();
        let held = conversations::held(&mut store, &keys.iter().collect::<Keys>()).await?;
        drop(store);
        let mut strangers = 0;
        let mut wanted = Vec::new();
        for conversation in found {
            // Read whole as it is now, by an earlier run or by a repair.
            let read = read.get(&conversation.id);
            if read.is_some_and(|read| read.is_still(conversation.updated_at)) {
                continue;
            }
            let is_stranger = customers.among(&conversation.contact_ids).is_empty();
            let key = (desk.connection, conversation.id.clone());
            if is_stranger && !held.contains_key(&key) {
                strangers += 1;
            } else {
                wanted.push(conversation.id);
            }
        }
        let held: HashSet<String> = held.into_keys().map(|(_, id)| id).collect();
        let mut tally = Tally::default();
        tally.skip(Kind::Conversations, Skip::NoKnownContact, strangers);
        let what = Refetch {
            wanted,
            held,
            learned,
            tally,
        };
        let places = (here, Some(then));
        refetch(desk, ledger, (&customers, &watch), what, places).await?;
    }
    Ok(())
}
