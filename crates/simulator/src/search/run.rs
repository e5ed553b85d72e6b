//! Runs a search: by arithmetic where the query allows it, by looking at every record otherwise.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use chrono_tz::Tz;

use super::catalog::{
    Catalog, ContactField, ContactRecord, Contacts, ConversationField, ConversationRecord,
    Conversations, Value,
};
use super::cursor::Cursor;
use super::filter::Filter;
use super::sort::{Sort, SortKey};
use super::spans::Spans;
use crate::world::{Order, Span, View};

/// A page of record numbers.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) numbers: Vec<u64>,
    pub(crate) total: u64,
    pub(crate) next: Option<Cursor>,
}

/// Totals that needed every record to be looked at, kept until something changes.
#[derive(Debug, Default)]
pub(crate) struct Counts(Mutex<HashMap<String, u64>>);

const COUNTS_KEPT: usize = 256;

impl Counts {
    fn get_or_count(&self, key: String, count: impl FnOnce() -> u64) -> u64 {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&known) = lock().get(&key) {
            return known;
        }
        let total = count();
        let mut counts = lock();
        if counts.len() >= COUNTS_KEPT {
            counts.clear();
        }
        counts.insert(key, total);
        total
    }
}

/// Records that can be searched, in one workspace.
pub(crate) trait Records: Catalog {
    /// The field whose order everything else is found by.
    const MAIN: Self::Field;

    fn order<'a>(view: &'a View<'a>, field: Self::Field) -> Option<Order<'a>>;

    /// Calls `look` with the values of a record.
    fn with<R>(
        view: &View<'_>,
        number: u64,
        look: impl FnOnce(&dyn Fn(Self::Field) -> Value) -> R,
    ) -> Option<R>;
}

impl Records for Contacts {
    const MAIN: ContactField = ContactField::UpdatedAt;

    fn order<'a>(view: &'a View<'a>, field: ContactField) -> Option<Order<'a>> {
        match field {
            ContactField::UpdatedAt => Some(view.contacts_by_update()),
            ContactField::CreatedAt => Some(view.contacts_by_creation()),
            _ => None,
        }
    }

    fn with<R>(
        view: &View<'_>,
        number: u64,
        look: impl FnOnce(&dyn Fn(ContactField) -> Value) -> R,
    ) -> Option<R> {
        let record = ContactRecord(view.contact(number)?);
        Some(look(&|field| record.value(field)))
    }
}

impl Records for Conversations {
    const MAIN: ConversationField = ConversationField::UpdatedAt;

    fn order<'a>(view: &'a View<'a>, field: ConversationField) -> Option<Order<'a>> {
        (field == ConversationField::UpdatedAt).then(|| view.conversations_by_update())
    }

    fn with<R>(
        view: &View<'_>,
        number: u64,
        look: impl FnOnce(&dyn Fn(ConversationField) -> Value) -> R,
    ) -> Option<R> {
        let record = ConversationRecord::new(view, number);
        Some(look(&|field| record.value(field)))
    }
}

/// What to look for and how much of it to give back.
#[derive(Debug)]
pub(crate) struct Wanted<F> {
    pub(crate) filter: Option<Filter<F>>,
    pub(crate) sort: Sort<F>,
    pub(crate) after: Option<Cursor>,
    pub(crate) per_page: u64,
}

/// Finds a page.
pub(crate) fn run<C: Records>(view: &View<'_>, wanted: &Wanted<C::Field>, counts: &Counts) -> Found
where
    C::Field: std::fmt::Debug,
{
    let search = Search::<C> {
        view,
        wanted,
        zone: view.workspace.zone,
    };
    let page = match C::order(view, wanted.sort.field) {
        Some(order) => search.walk(order),
        None => search.scan(),
    };
    let total = search.total(counts);
    search.found(page, total)
}

struct Search<'a, C: Records> {
    view: &'a View<'a>,
    wanted: &'a Wanted<C::Field>,
    zone: Tz,
}

type Hit = ((SortKey, u64), u64);

impl<C: Records> Search<'_, C>
where
    C::Field: std::fmt::Debug,
{
    fn per_page(&self) -> usize {
        usize::try_from(self.wanted.per_page).unwrap_or(usize::MAX - 1)
    }

    fn spans(&self, field: C::Field) -> (Spans, bool) {
        match &self.wanted.filter {
            Some(filter) => filter.spans(field, self.zone),
            None => (Spans::all(), true),
        }
    }

    fn matches(&self, number: u64) -> bool {
        let Some(filter) = &self.wanted.filter else {
            return true;
        };
        C::with(self.view, number, |value| filter.matches(self.zone, value)).unwrap_or(false)
    }

    /// One more than a page, along an order that is known.
    fn walk(&self, order: Order<'_>) -> Vec<Hit> {
        let (spans, exact) = self.spans(self.wanted.sort.field);
        let ascending = self.wanted.sort.ascending;
        let after = match &self.wanted.after {
            Some(Cursor(SortKey::Number(at), tie, _)) => Some((*at, *tie)),
            _ => None,
        };
        let hits = spans
            .iter(ascending)
            .flat_map(|span| order.walk(span, after, ascending));
        let hits = hits.filter(|(_, number)| exact || self.matches(*number));
        let keyed = hits.map(|((time, tie), number)| ((SortKey::Number(time), tie), number));
        keyed.take(self.per_page() + 1).collect()
    }

    /// One more than a page, in an order that only every record together gives.
    fn scan(&self) -> Vec<Hit> {
        let mut best: BTreeMap<(SortKey, u64), u64> = BTreeMap::new();
        let ascending = self.wanted.sort.ascending;
        let after = self
            .wanted
            .after
            .as_ref()
            .map(|Cursor(key, tie, _)| (key.clone(), *tie));
        self.each(|number| {
            let key = C::with(self.view, number, |value| {
                value(self.wanted.sort.field).into()
            });
            let key = (key.unwrap_or(SortKey::Nothing), number);
            let behind = after.as_ref().is_none_or(|after| {
                if ascending {
                    key > *after
                } else {
                    key < *after
                }
            });
            if behind {
                best.insert(key, number);
                if best.len() > self.per_page() + 1 {
                    if ascending {
                        best.pop_last()
                    } else {
                        best.pop_first()
                    };
                }
            }
        });
        let hits = best.into_iter();
        if ascending {
            hits.collect()
        } else {
            hits.rev().collect()
        }
    }

    fn each(&self, mut visit: impl FnMut(u64)) {
        let (spans, exact) = self.spans(C::MAIN);
        let Some(order) = C::order(self.view, C::MAIN) else {
            return;
        };
        for span in spans.iter(true) {
            for (_, number) in order.walk(span, None, true) {
                if exact || self.matches(number) {
                    visit(number);
                }
            }
        }
    }

    fn total(&self, counts: &Counts) -> u64 {
        for field in [C::MAIN, self.wanted.sort.field] {
            if let (spans, true) = self.spans(field)
                && let Some(order) = C::order(self.view, field)
            {
                return spans.iter(true).map(|span: Span| order.count(span)).sum();
            }
        }
        let changed = self.view.revision();
        let key = format!(
            "{} {changed} {:?}",
            self.view.workspace.id, self.wanted.filter
        );
        counts.get_or_count(key, || {
            let mut total = 0;
            self.each(|_| total += 1);
            total
        })
    }

    fn found(&self, mut hits: Vec<Hit>, total: u64) -> Found {
        let more = hits.len() > self.per_page();
        hits.truncate(self.per_page());
        let page = self.wanted.after.as_ref().map_or(1, Cursor::page);
        let next = hits.last().filter(|_| more);
        let next = next.map(|((key, tie), _)| Cursor(key.clone(), *tie, page + 1));
        Found {
            numbers: hits.into_iter().map(|(_, number)| number).collect(),
            total,
            next,
        }
    }
}
