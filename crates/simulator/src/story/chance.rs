//! Chance that repeats: the same seed and label always give the same draw.

/// The root of a family of draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seed(u64);

impl Seed {
    pub(crate) fn new(value: u64) -> Self {
        Self(mix(value))
    }

    /// The seed of one thing: `label` names the kind of thing, `number` which one.
    pub(crate) fn of(self, label: &str, number: u64) -> Self {
        let named = label.bytes().fold(self.0, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(mix(named ^ mix(number)))
    }

    pub(crate) fn chance(self) -> Chance {
        Chance(self.0)
    }

    pub(crate) fn value(self) -> u64 {
        self.0
    }
}

/// A stream of draws from one seed.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number in `0..bound`; 0 when `bound` is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).max(0).unsigned_abs() + 1;
        low.saturating_add_unsigned(self.below(span))
    }

    pub(crate) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// One of `choices`, which must not be empty.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.index(choices.len())]
    }

    pub(crate) fn one_in(&mut self, odds: u64) -> bool {
        self.below(odds) == 0
    }
}

/// The finaliser of `SplitMix64`: spreads any input over all 64 bits.
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn labels_and_numbers_give_different_draws() {
        let seed = Seed::new(7);
        assert_ne!(seed.of("contact", 1), seed.of("contact", 2));
        assert_ne!(seed.of("contact", 1), seed.of("company", 1));
        assert_eq!(seed.of("contact", 1), Seed::new(7).of("contact", 1));
    }

    proptest! {
        #[test]
        fn draws_stay_in_their_range(seed: u64, low in -1000i64..1000, width in 0i64..1000) {
            let mut chance = Seed::new(seed).chance();
            for _ in 0..20 {
                let drawn = chance.between(low, low + width);
                prop_assert!((low..=low + width).contains(&drawn));
                prop_assert!(chance.below(9) < 9);
            }
        }
    }
}
