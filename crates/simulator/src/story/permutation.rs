//! A shuffle of `0..size` that is computed, not stored, and runs both ways.

use super::chance::Seed;

/// A Feistel network over the next power of four, walked until it lands inside.
#[derive(Debug, Clone)]
pub(crate) struct Permutation {
    size: u64,
    half_bits: u32,
    keys: [u64; 4],
}

impl Permutation {
    pub(crate) fn new(seed: Seed, size: u64) -> Self {
        let bits = 64 - size.saturating_sub(1).leading_zeros();
        let half_bits = bits.div_ceil(2).max(1);
        let keys = [0, 1, 2, 3].map(|round| seed.of("round", round).value());
        Self {
            size,
            half_bits,
            keys,
        }
    }

    /// Where `index` goes; `index` must be below the size.
    pub(crate) fn forward(&self, index: u64) -> u64 {
        self.walk(index, Self::encrypt)
    }

    /// Which index went to `place`; `place` must be below the size.
    pub(crate) fn inverse(&self, place: u64) -> u64 {
        self.walk(place, Self::decrypt)
    }

    fn walk(&self, start: u64, step: fn(&Self, u64) -> u64) -> u64 {
        debug_assert!(start < self.size);
        let mut value = step(self, start);
        while value >= self.size {
            value = step(self, value);
        }
        value
    }

    fn encrypt(&self, value: u64) -> u64 {
        let (mut left, mut right) = self.split(value);
        for key in self.keys {
            (left, right) = (right, left ^ self.round(right, key));
        }
        (left << self.half_bits) | right
    }

    fn decrypt(&self, value: u64) -> u64 {
        let (mut left, mut right) = self.split(value);
        for key in self.keys.into_iter().rev() {
            (left, right) = (right ^ self.round(left, key), left);
        }
        (left << self.half_bits) | right
    }

    fn split(&self, value: u64) -> (u64, u64) {
        (value >> self.half_bits, value & self.mask())
    }

    fn mask(&self) -> u64 {
        (1 << self.half_bits) - 1
    }

    fn round(&self, half: u64, key: u64) -> u64 {
        let mixed = (half ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 20 & self.mask()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_place_is_taken_once() {
        for size in [1, 2, 3, 10, 64, 65, 1000] {
            let shuffle = Permutation::new(Seed::new(3), size);
            let mut places: Vec<_> = (0..size).map(|index| shuffle.forward(index)).collect();
            places.sort_unstable();
            assert_eq!(places, (0..size).collect::<Vec<_>>());
        }
    }

    proptest! {
        #[test]
        fn inverse_undoes_forward(seed: u64, size in 1u64..5_000_000_000, pick: u64) {
            let shuffle = Permutation::new(Seed::new(seed), size);
            let index = pick % size;
            prop_assert_eq!(shuffle.inverse(shuffle.forward(index)), index);
        }
    }
}
