//! An order in time that is computed: which thing stands at a rank, and when, without a list.
//!
//! A story is dealt in decks. Each slot of the deck has an age; all things of one slot (one per
//! deck) share a step of the ladder, shuffled among themselves. So both directions, number to
//! rank and rank to number, are arithmetic, and times never fall as the rank rises.

use super::chance::Seed;
use super::permutation::Permutation;

pub(crate) const DAY: i64 = 86_400;

/// What stands on a step: a slot of every deck, or things dealt outside the decks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Row {
    pub(crate) slot: Option<u64>,
    pub(crate) count: u64,
    pub(crate) age_days: f64,
}

#[derive(Debug, Clone)]
struct Step {
    slot: Option<u64>,
    /// Number of the first thing outside the decks on this step.
    offset: u64,
    count: u64,
    first_rank: u64,
    starts_at: i64,
    span_secs: i64,
    order: Permutation,
}

/// Things numbered `0..len`, ordered by time, oldest at rank 0.
#[derive(Debug, Clone)]
pub(crate) struct Ladder {
    seed: Seed,
    deck_size: u64,
    dealt: u64,
    len: u64,
    steps: Vec<Step>,
    /// Step of each slot, and after them the steps of the rest in order of their offset.
    step_of_slot: Vec<usize>,
    rest: Vec<usize>,
}

impl Ladder {
    /// Lays `rows` out between `oldest_days` and `newest_days` before `epoch`.
    pub(crate) fn new(
        seed: Seed,
        epoch: i64,
        deck_size: u64,
        mut rows: Vec<Row>,
        (oldest_days, newest_days): (f64, f64),
    ) -> Self {
        let decks = rows
            .iter()
            .find(|row| row.slot.is_some())
            .map_or(0, |row| row.count);
        let dealt = decks * deck_size;
        rows.sort_by(|a, b| b.age_days.total_cmp(&a.age_days));
        let ages: Vec<f64> = rows.iter().map(|row| row.age_days).collect();
        let mut steps = Vec::with_capacity(rows.len());
        let (mut first_rank, mut offset) = (0, dealt);
        for (index, row) in rows.iter().enumerate() {
            let older = index
                .checked_sub(1)
                .map_or(oldest_days, |i| between(ages[i], row));
            let newer = ages
                .get(index + 1)
                .map_or(newest_days, |next| between(*next, row));
            let (starts_at, ends_at) = (epoch - seconds(older), epoch - seconds(newer));
            steps.push(Step {
                slot: row.slot,
                offset,
                count: row.count,
                first_rank,
                starts_at,
                span_secs: (ends_at - starts_at).max(0),
                order: Permutation::new(seed.of("step", index as u64), row.count.max(1)),
            });
            first_rank += row.count;
            if row.slot.is_none() {
                offset += row.count;
            }
        }
        let mut step_of_slot = vec![0; usize::try_from(deck_size).unwrap_or(0)];
        let mut rest = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            match step.slot.and_then(|slot| usize::try_from(slot).ok()) {
                Some(slot) => step_of_slot[slot] = index,
                None => rest.push(index),
            }
        }
        Self {
            seed,
            deck_size,
            dealt,
            len: first_rank,
            steps,
            step_of_slot,
            rest,
        }
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    pub(crate) fn number_at(&self, rank: u64) -> u64 {
        let step = &self.steps[self.step_at(rank)];
        let member = step.order.inverse(rank - step.first_rank);
        match step.slot {
            Some(slot) => member * self.deck_size + slot,
            None => step.offset + member,
        }
    }

    pub(crate) fn rank_of(&self, number: u64) -> u64 {
        let (step, member) = self.place_of(number);
        step.first_rank + step.order.forward(member)
    }

    /// Unix seconds of the thing at `rank`.
    pub(crate) fn time_at(&self, rank: u64) -> i64 {
        let step = &self.steps[self.step_at(rank)];
        let place = i128::from(rank - step.first_rank);
        let (span, count) = (i128::from(step.span_secs), i128::from(step.count.max(1)));
        let (from, to) = (place * span / count, (place + 1) * span / count);
        let within = i64::try_from(to - from).unwrap_or(0);
        let jitter = self
            .seed
            .of("jitter", rank)
            .chance()
            .between(0, (within - 1).max(0));
        step.starts_at + i64::try_from(from).unwrap_or(0) + jitter
    }

    pub(crate) fn time_of(&self, number: u64) -> i64 {
        self.time_at(self.rank_of(number))
    }

    /// The first rank whose time is `time` or later.
    pub(crate) fn first_rank_from(&self, time: i64) -> u64 {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low.midpoint(high);
            if self.time_at(middle) < time {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn step_at(&self, rank: u64) -> usize {
        self.steps
            .partition_point(|step| step.first_rank <= rank)
            .saturating_sub(1)
    }

    fn place_of(&self, number: u64) -> (&Step, u64) {
        if number < self.dealt {
            let slot = usize::try_from(number % self.deck_size).unwrap_or(0);
            return (
                &self.steps[self.step_of_slot[slot]],
                number / self.deck_size,
            );
        }
        let place = self
            .rest
            .partition_point(|&step| self.steps[step].offset <= number);
        let step = &self.steps[self.rest[place.saturating_sub(1)]];
        (step, number - step.offset)
    }
}

/// Where a row ends towards a neighbour: half way, but a slot keeps within a quarter of its age.
fn between(neighbour: f64, row: &Row) -> f64 {
    let reach = if row.slot.is_some() {
        row.age_days / 4.0 + 0.25
    } else {
        f64::INFINITY
    };
    let middle = f64::midpoint(neighbour, row.age_days);
    middle.clamp(row.age_days - reach, row.age_days + reach)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "ages are a few thousand days"
)]
fn seconds(days: f64) -> i64 {
    (days * 86_400.0) as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ladder(seed: u64, decks: u64, rest: u64) -> Ladder {
        let slots = [3.0, 0.5, 40.0, 9.0]
            .into_iter()
            .enumerate()
            .map(|(slot, age_days)| Row {
                slot: Some(slot as u64),
                count: decks,
                age_days,
            });
        let outside = [60.0, 5.0].map(|age_days| Row {
            slot: None,
            count: rest,
            age_days,
        });
        Ladder::new(
            Seed::new(seed),
            1_800_000_000,
            4,
            slots.chain(outside).collect(),
            (100.0, 0.0),
        )
    }

    proptest! {
        #[test]
        fn numbers_and_ranks_are_one_to_one(seed: u64, decks in 0u64..30, rest in 0u64..30) {
            let ladder = ladder(seed, decks, rest);
            prop_assert_eq!(ladder.len(), decks * 4 + rest * 2);
            for rank in 0..ladder.len() {
                let number = ladder.number_at(rank);
                prop_assert!(number < ladder.len());
                prop_assert_eq!(ladder.rank_of(number), rank);
            }
        }

        #[test]
        fn times_never_fall_as_the_rank_rises(seed: u64, decks in 0u64..30, rest in 0u64..30) {
            let ladder = ladder(seed, decks, rest);
            for rank in 1..ladder.len() {
                prop_assert!(ladder.time_at(rank - 1) <= ladder.time_at(rank));
            }
        }

        #[test]
        fn a_search_by_time_finds_the_border(seed: u64, decks in 1u64..30, back in 0i64..110) {
            let ladder = ladder(seed, decks, 3);
            let time = 1_800_000_000 - back * DAY;
            let first = ladder.first_rank_from(time);
            prop_assert!(first == ladder.len() || ladder.time_at(first) >= time);
            prop_assert!(first == 0 || ladder.time_at(first - 1) < time);
        }
    }
}
