//! Every notification of a drill, what was answered, and what became of it. 24 bytes each: an hour at 2,500 a second
//! takes some 200 MiB.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use super::histogram::Histogram;

/// One notification.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) customer: u32,
    /// Which step of the customer's story it tells.
    pub(super) step: u16,
    pub(super) kept: Kept,
    pub(super) fate: Fate,
    /// Whether the one retry was made.
    pub(super) retried: bool,
    pub(super) attempts: u8,
    /// When it was first answered with 2xx.
    accepted_at: Tick,
}

/// Tenths of a millisecond since the drill began.
type Tick = u32;
const TICK: Duration = Duration::from_micros(100);

/// Where the edge said that it kept a notification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kept {
    /// It was never answered with 2xx.
    #[default]
    Nowhere,
    /// Its workspace was not known at that moment: the edge kept ids only.
    Quarantine,
    /// It was accepted without saying where.
    Somewhere,
    Spool,
    Stream,
}

/// What became of a notification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// It has not arrived.
    #[default]
    Unknown,
    Applied,
    Superseded,
    Refetched,
    Ignored,
    Dead,
}

/// One answer of the edge; none within Intercom's patience has no status.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) status: Option<u16>,
    pub(super) kept: Kept,
    /// Since the request was due.
    pub(super) took: Duration,
    /// Since the drill began.
    pub(super) at: Duration,
}

impl Answer {
    pub(super) fn is_accepted(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }
}

#[derive(Debug, Default)]
pub(super) struct Ledger {
    entries: Vec<Entry>,
    pub(super) requests: u64,
    /// Answers by status; 0 for none.
    pub(super) statuses: BTreeMap<u16, u64>,
    pub(super) answer_times: Histogram,
    pub(super) freshness: Histogram,
}

impl Ledger {
    /// Opens a line for a step that is to be told. Answers its number.
    pub(super) fn open(&mut self, customer: u32, step: u16) -> u32 {
        let number = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.entries.push(Entry {
            customer,
            step,
            kept: Kept::default(),
            fate: Fate::default(),
            retried: false,
            attempts: 0,
            accepted_at: 0,
        });
        number
    }

    pub(super) fn get(&self, number: u32) -> Entry {
        self.entries[number as usize]
    }

    /// Notes an attempt that is made. Answers which one it is.
    pub(super) fn attempt(&mut self, number: u32) -> u8 {
        self.requests += 1;
        let entry = &mut self.entries[number as usize];
        entry.attempts = entry.attempts.saturating_add(1);
        entry.attempts
    }

    /// Notes an answer. Answers whether Intercom would try again.
    pub(super) fn answered(&mut self, number: u32, answer: Answer) -> bool {
        *self
            .statuses
            .entry(answer.status.unwrap_or_default())
            .or_default() += 1;
        self.answer_times.record(answer.took);
        let entry = &mut self.entries[number as usize];
        if !answer.is_accepted() {
            return !std::mem::replace(&mut entry.retried, true);
        }
        if entry.kept == Kept::Nowhere {
            entry.accepted_at = tick(answer.at);
        }
        entry.kept = entry.kept.max(answer.kept);
        false
    }

    /// Notes what became of a notification, and when its effect was committed.
    pub(super) fn settled(&mut self, number: u32, fate: Fate, applied_at: Option<Duration>) {
        let entry = &mut self.entries[number as usize];
        if entry.fate != Fate::Unknown {
            return;
        }
        entry.fate = fate;
        if let (Some(at), true) = (applied_at, entry.is_accepted()) {
            self.freshness
                .record(at.saturating_sub(TICK * entry.accepted_at));
        }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Numbers of the notifications that fit.
    pub(super) fn numbers(&self, fits: impl Fn(&Entry) -> bool) -> Vec<u32> {
        (0..)
            .zip(&self.entries)
            .filter(|(_, entry)| fits(entry))
            .map(|(number, _)| number)
            .collect()
    }

    pub(super) fn count(&self, fits: impl Fn(&Entry) -> bool) -> u64 {
        self.entries.iter().filter(|entry| fits(entry)).count() as u64
    }

    /// How many customers it speaks of.
    pub(super) fn customers(&self) -> u32 {
        let last = self.entries.iter().map(|entry| entry.customer).max();
        last.map_or(0, |last| last + 1)
    }

    pub(super) fn by_customer(&self) -> ByCustomer<'_> {
        ByCustomer::new(self)
    }
}

impl Entry {
    /// Whether it was answered with 2xx at least once.
    pub(super) fn is_accepted(&self) -> bool {
        self.kept != Kept::Nowhere
    }

    /// Whether its content has to be in the mirror: it was accepted whole, or arrived although its answer was lost, and
    /// no reader gave it up.
    pub(super) fn has_effect(&self) -> bool {
        match self.fate {
            Fate::Dead => false,
            Fate::Applied | Fate::Superseded | Fate::Refetched => true,
            Fate::Unknown | Fate::Ignored => self.kept > Kept::Quarantine,
        }
    }
}

fn tick(at: Duration) -> Tick {
    Tick::try_from(at.as_micros() / TICK.as_micros()).unwrap_or(Tick::MAX)
}

/// The ledger's lines of each customer.
#[derive(Debug)]
pub(super) struct ByCustomer<'l> {
    ledger: &'l Ledger,
    /// Numbers, ordered by customer.
    order: Vec<u32>,
    /// Where a customer's numbers begin; one more than there are customers.
    begins: Vec<u32>,
}

impl<'l> ByCustomer<'l> {
    fn new(ledger: &'l Ledger) -> Self {
        let mut order: Vec<u32> = ledger.numbers(|_| true);
        order.sort_by_key(|number| ledger.get(*number).customer);
        let mut begins = vec![0; ledger.customers() as usize + 1];
        for entry in &ledger.entries {
            begins[entry.customer as usize + 1] += 1;
        }
        for place in 1..begins.len() {
            begins[place] += begins[place - 1];
        }
        Self {
            ledger,
            order,
            begins,
        }
    }

    pub(super) fn customers(&self) -> Range<u32> {
        0..self.ledger.customers()
    }

    /// What was told of a customer; nothing of one who is not in the ledger.
    pub(super) fn told(&self, customer: u32) -> impl Iterator<Item = &'l Entry> {
        let place = customer as usize;
        let range = match (self.begins.get(place), self.begins.get(place + 1)) {
            (Some(begin), Some(end)) => *begin as usize..*end as usize,
            _ => 0..0,
        };
        self.order[range]
            .iter()
            .map(|number| &self.ledger.entries[*number as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, kept: Kept) -> Answer {
        Answer {
            status: Some(status),
            kept,
            took: Duration::from_millis(3),
            at: Duration::from_secs(1),
        }
    }

    #[test]
    fn intercom_tries_again_once() {
        let mut ledger = Ledger::default();
        let number = ledger.open(0, 0);
        assert!(ledger.answered(number, answer(503, Kept::Nowhere)));
        assert!(!ledger.answered(number, answer(503, Kept::Nowhere)));
        assert!(!ledger.get(number).is_accepted());
        let number = ledger.open(0, 1);
        assert!(!ledger.answered(number, answer(200, Kept::Spool)));
        assert_eq!(ledger.get(number).kept, Kept::Spool);
        assert_eq!(ledger.statuses, BTreeMap::from([(200, 1), (503, 2)]));
    }

    #[test]
    fn freshness_counts_from_the_first_acceptance() {
        let mut ledger = Ledger::default();
        let number = ledger.open(0, 0);
        ledger.answered(number, answer(200, Kept::Stream));
        let later = Answer {
            at: Duration::from_secs(9),
            ..answer(200, Kept::Stream)
        };
        ledger.answered(number, later);
        ledger.settled(number, Fate::Applied, Some(Duration::from_millis(1_040)));
        let median = ledger.freshness.quantile(0.5).unwrap();
        assert!((38..=42).contains(&median.as_millis()), "{median:?}");
    }

    #[test]
    fn what_a_customer_was_told_is_found_together() {
        let mut ledger = Ledger::default();
        for (customer, step) in [(2, 0), (0, 0), (2, 1), (0, 1), (2, 2)] {
            ledger.open(customer, step);
        }
        let index = ledger.by_customer();
        let steps =
            |customer| -> Vec<u16> { index.told(customer).map(|entry| entry.step).collect() };
        assert_eq!(
            (steps(0), steps(1), steps(2)),
            (vec![0, 1], vec![], vec![0, 1, 2])
        );
        assert!(steps(9).is_empty());
    }
}
