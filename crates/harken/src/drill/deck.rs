//! In which order notifications are told: mostly as things happened, some late, some twice.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand::RngExt as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::ledger::Ledger;
use super::story::{Story, World};

/// Shares of notifications, 0 to 1, that come otherwise than once and in order.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Disorder {
    /// Come more than once.
    pub(super) duplicates: f64,
    /// Come after later ones of the same record.
    pub(super) reorder: f64,
    /// Come when everything else has been told.
    pub(super) late: f64,
}

/// Most repetitions of one notification.
const MOST_COPIES: u32 = 4;

/// Deals out one notification after the other.
#[derive(Debug)]
pub(super) struct Deck {
    world: World,
    disorder: Disorder,
    chance: StdRng,
    open: Vec<OpenStory>,
    next_customer: u32,
    dealt: u64,
    /// Those that wait for their turn, counted in notifications dealt.
    held: BinaryHeap<Reverse<(u64, u32)>>,
    late: Vec<u32>,
    is_closed: bool,
}

#[derive(Clone, Copy, Debug)]
struct OpenStory {
    customer: u32,
    next: u16,
    steps: u16,
}

impl Deck {
    /// `side_by_side`: how many customers live at the same time.
    pub(super) fn new(world: World, disorder: Disorder, side_by_side: u32) -> Self {
        let mut deck = Self {
            world,
            disorder,
            chance: StdRng::seed_from_u64(world.seed),
            open: Vec::new(),
            next_customer: 0,
            dealt: 0,
            held: BinaryHeap::new(),
            late: Vec::new(),
            is_closed: false,
        };
        deck.open = (0..side_by_side.max(1)).map(|_| deck.begin()).collect();
        deck
    }

    /// Lets nothing new happen; what was held back is still told.
    pub(super) fn close(&mut self) {
        self.is_closed = true;
    }

    /// The number of the notification that comes next; none when everything is told.
    pub(super) fn deal(&mut self, ledger: &mut Ledger) -> Option<u32> {
        self.dealt += 1;
        if let Some(Reverse((turn, number))) = self.held.peek().copied()
            && (turn <= self.dealt || self.is_closed)
        {
            self.held.pop();
            return Some(number);
        }
        if self.is_closed {
            return self.late.pop();
        }
        loop {
            let number = self.happen(ledger);
            let mut turn = self.dealt;
            let is_late = self.falls_to(self.disorder.late);
            if is_late {
                self.late.push(number);
            } else if self.falls_to(self.disorder.reorder) {
                turn += self.chance.random_range(1..=self.reach());
                self.held.push(Reverse((turn, number)));
            }
            if self.falls_to(self.disorder.duplicates) {
                for _ in 0..self.chance.random_range(1..=MOST_COPIES) {
                    let again = turn + self.chance.random_range(1..=4 * self.reach());
                    self.held.push(Reverse((again, number)));
                }
            }
            if turn == self.dealt && !is_late {
                return Some(number);
            }
        }
    }

    /// The next thing that happens to one of the customers.
    fn happen(&mut self, ledger: &mut Ledger) -> u32 {
        let place = self.chance.random_range(0..self.open.len());
        let story = &mut self.open[place];
        let number = ledger.open(story.customer, story.next);
        story.next += 1;
        if story.next == story.steps {
            self.open[place] = self.begin();
        }
        number
    }

    fn begin(&mut self) -> OpenStory {
        let customer = self.next_customer;
        self.next_customer += 1;
        let steps = Story::of(self.world, customer).steps.len();
        OpenStory {
            customer,
            next: 0,
            steps: u16::try_from(steps).unwrap_or(u16::MAX),
        }
    }

    fn falls_to(&mut self, share: f64) -> bool {
        self.chance.random_bool(share)
    }

    /// How far one is held back: a few steps of its own story.
    fn reach(&self) -> u64 {
        self.open.len() as u64 * 4
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    const WORLD: World = World {
        seed: 5,
        epoch: 1_790_000_000,
    };

    fn dealt(disorder: Disorder, turns: u32) -> (Ledger, Vec<u32>) {
        let mut ledger = Ledger::default();
        let mut deck = Deck::new(WORLD, disorder, 20);
        let mut order: Vec<u32> = (0..turns).filter_map(|_| deck.deal(&mut ledger)).collect();
        deck.close();
        order.extend(std::iter::from_fn(|| deck.deal(&mut ledger)));
        (ledger, order)
    }

    /// Pairs of one story that came against the order of its steps.
    fn inversions(ledger: &Ledger, order: &[u32]) -> usize {
        let mut furthest: BTreeMap<u32, u16> = BTreeMap::new();
        order
            .iter()
            .map(|number| ledger.get(*number))
            .filter(|entry| {
                let furthest = furthest.entry(entry.customer).or_default();
                let is_behind = entry.step < *furthest;
                *furthest = entry.step.max(*furthest);
                is_behind
            })
            .count()
    }

    #[test]
    fn without_disorder_everything_comes_once_and_in_order() {
        let (ledger, order) = dealt(Disorder::default(), 2_000);
        assert_eq!(order.len(), 2_000);
        assert_eq!(order.iter().collect::<BTreeSet<_>>().len(), 2_000);
        assert_eq!(inversions(&ledger, &order), 0);
    }

    #[test]
    fn with_disorder_everything_still_comes() {
        let disorder = Disorder {
            duplicates: 0.1,
            reorder: 0.2,
            late: 0.02,
        };
        let (ledger, order) = dealt(disorder, 4_000);
        let once: BTreeSet<_> = order.iter().collect();
        assert_eq!(once.len(), ledger.entries().len(), "each at least once");
        assert!(order.len() > once.len() + 200, "some more than once");
        assert!(inversions(&ledger, &order) > 200);
    }
}
