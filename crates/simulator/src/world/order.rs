//! One order in time over what the story tells and what changed since.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::iter::Peekable;
use std::ops::Bound;

use crate::story::Ladder;

/// Where something stands: Unix seconds, and what decides between equals.
pub(crate) type Place = (i64, u64);

/// Ties of things that moved come after all ranks of the story.
const MOVED: u64 = 1 << 40;

/// Things that left their place in the story: to another time, or for good.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Moved {
    at: HashMap<u64, i64>,
    order: BTreeSet<(i64, u64)>,
    gone: BTreeSet<u64>,
}

impl Moved {
    pub(crate) fn put(&mut self, number: u64, time: i64) {
        if let Some(before) = self.at.insert(number, time) {
            self.order.remove(&(before, number));
        }
        self.order.insert((time, number));
        self.gone.remove(&number);
    }

    /// Undoes a removal: the thing stands again where the story puts it.
    pub(crate) fn restore(&mut self, number: u64) {
        self.gone.remove(&number);
    }

    pub(crate) fn remove(&mut self, number: u64) {
        if let Some(before) = self.at.remove(&number) {
            self.order.remove(&(before, number));
        }
        self.gone.insert(number);
    }

    pub(crate) fn time_of(&self, number: u64) -> Option<i64> {
        self.at.get(&number).copied()
    }

    pub(crate) fn is_gone(&self, number: u64) -> bool {
        self.gone.contains(&number)
    }

    fn left(&self, number: u64) -> bool {
        self.at.contains_key(&number) || self.gone.contains(&number)
    }
}

/// A span of Unix seconds, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: i64,
    pub(crate) to: i64,
}

impl Span {
    pub(crate) const ALL: Self = Self {
        from: i64::MIN,
        to: i64::MAX,
    };

    pub(crate) fn holds(self, time: i64) -> bool {
        (self.from..=self.to).contains(&time)
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<'a> {
    pub(crate) ladder: &'a Ladder,
    pub(crate) moved: &'a Moved,
}

impl<'a> Order<'a> {
    /// How many things stand within `span`.
    pub(crate) fn count(&self, span: Span) -> u64 {
        let told = self.ranks(span);
        let left = self.moved.at.keys().chain(&self.moved.gone);
        let left = left.filter(|&&number| {
            number < self.ladder.len() && span.holds(self.ladder.time_of(number))
        });
        let came = self.moved.order.range((span.from, 0)..=(span.to, u64::MAX));
        told.end.saturating_sub(told.start) + came.count() as u64 - left.count() as u64
    }

    /// Walks `span` in either direction, from behind `after`.
    pub(crate) fn walk(
        self,
        span: Span,
        after: Option<Place>,
        ascending: bool,
    ) -> Box<dyn Iterator<Item = (Place, u64)> + 'a> {
        let mut ranks = self.ranks(span);
        if let Some((time, tie)) = after {
            let border = if tie < MOVED {
                tie + u64::from(ascending)
            } else {
                self.ladder_after(time)
            };
            if ascending {
                ranks.start = ranks.start.max(border);
            } else {
                ranks.end = ranks.end.min(border);
            }
        }
        let told = move |rank| {
            (
                (self.ladder.time_at(rank), rank),
                self.ladder.number_at(rank),
            )
        };
        let stayed = move |(_, number): &(Place, u64)| !self.moved.left(*number);
        let came = self.came(span, after, ascending);
        if ascending {
            Box::new(Merged {
                a: ranks.map(told).filter(stayed).peekable(),
                b: came.peekable(),
                ascending,
            })
        } else {
            let told = ranks.rev().map(told).filter(stayed);
            Box::new(Merged {
                a: told.peekable(),
                b: came.peekable(),
                ascending,
            })
        }
    }

    /// The first rank later than `time`.
    fn ladder_after(&self, time: i64) -> u64 {
        self.ladder.first_rank_from(time.saturating_add(1))
    }

    fn ranks(&self, span: Span) -> std::ops::Range<u64> {
        let end = if span.to == i64::MAX {
            self.ladder.len()
        } else {
            self.ladder_after(span.to)
        };
        self.ladder.first_rank_from(span.from)..end
    }

    fn came(
        &self,
        span: Span,
        after: Option<Place>,
        ascending: bool,
    ) -> Box<dyn Iterator<Item = (Place, u64)> + 'a> {
        let mut from = Bound::Included((span.from, 0));
        let mut to = Bound::Included((span.to, u64::MAX));
        if let Some((time, tie)) = after {
            // A told thing at the same second stands before every moved one.
            let border = tie.checked_sub(MOVED);
            if ascending && time >= span.from {
                from = border.map_or(Bound::Included((time, 0)), |number| {
                    Bound::Excluded((time, number))
                });
            } else if !ascending && time <= span.to {
                to = Bound::Excluded((time, border.unwrap_or(0)));
            }
        }
        if empty(&from, &to) {
            return Box::new(std::iter::empty());
        }
        let placed = |&(time, number): &(i64, u64)| ((time, MOVED + number), number);
        let range = self.moved.order.range((from, to));
        if ascending {
            Box::new(range.map(placed))
        } else {
            Box::new(range.rev().map(placed))
        }
    }
}

fn empty(from: &Bound<(i64, u64)>, to: &Bound<(i64, u64)>) -> bool {
    match (from, to) {
        (Bound::Included(from), Bound::Included(to)) => from > to,
        (
            Bound::Included(from) | Bound::Excluded(from),
            Bound::Included(to) | Bound::Excluded(to),
        ) => from >= to,
        _ => false,
    }
}

/// Two sorted walks as one.
struct Merged<A: Iterator, B: Iterator> {
    a: Peekable<A>,
    b: Peekable<B>,
    ascending: bool,
}

impl<A, B> Iterator for Merged<A, B>
where
    A: Iterator<Item = (Place, u64)>,
    B: Iterator<Item = (Place, u64)>,
{
    type Item = (Place, u64);

    fn next(&mut self) -> Option<Self::Item> {
        let first = match (self.a.peek(), self.b.peek()) {
            (Some(a), Some(b)) => a.0.cmp(&b.0),
            (Some(_), None) => return self.a.next(),
            (None, _) => return self.b.next(),
        };
        if (first == Ordering::Less) == self.ascending {
            self.a.next()
        } else {
            self.b.next()
        }
    }
}
