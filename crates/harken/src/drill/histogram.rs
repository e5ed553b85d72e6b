use std::time::Duration;

/// Steps within each doubling: what is told is at most 1.6 % off.
const STEPS_BITS: u32 = 6;
const STEPS: u64 = 1 << STEPS_BITS;

/// Durations, counted by magnitude in memory that does not grow with their number.
#[derive(Clone, Debug, Default)]
pub(super) struct Histogram {
    counts: Vec<u64>,
    total: u64,
    most: Duration,
}

impl Histogram {
    pub(super) fn record(&mut self, duration: Duration) {
        let place = place(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX));
        if self.counts.len() <= place {
            self.counts.resize(place + 1, 0);
        }
        self.counts[place] += 1;
        self.total += 1;
        self.most = self.most.max(duration);
    }

    /// The longest; none of nothing.
    pub(super) fn most(&self) -> Option<Duration> {
        (self.total > 0).then_some(self.most)
    }

    /// What this share of the durations, 0 to 1, does not exceed; none of nothing.
    pub(super) fn quantile(&self, share: f64) -> Option<Duration> {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank among fewer than 2^52"
        )]
        let rank = ((share * self.total as f64).ceil() as u64).max(1);
        let mut passed = 0;
        let found = self.counts.iter().position(|count| {
            passed += count;
            passed >= rank
        });
        found.map(|place| Duration::from_micros(top(place)).min(self.most))
    }
}

fn place(micros: u64) -> usize {
    let doubling = (micros | (STEPS - 1)).ilog2() + 1 - STEPS_BITS;
    let step = micros >> doubling;
    usize::try_from(u64::from(doubling) * STEPS + step).unwrap_or(usize::MAX)
}

/// The longest duration of a place.
fn top(place: usize) -> u64 {
    let place = place as u64;
    let (doubling, step) = (place / STEPS, place % STEPS);
    ((step + 1) << doubling) - 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_place_is_close_to_what_was_measured(micros in 0_u64..(1 << 40)) {
            let told = top(place(micros));
            prop_assert!(told >= micros);
            prop_assert!(told - micros <= micros / (STEPS / 2));
        }
    }

    #[test]
    fn quantiles_are_those_of_the_durations() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.5), None);
        for millis in 1..=1_000 {
            histogram.record(Duration::from_millis(millis));
        }
        for (share, millis) in [(0.5, 500), (0.9, 900), (0.99, 990), (1.0, 1_000)] {
            let told = histogram.quantile(share).unwrap().as_millis();
            assert!(
                (millis..=millis + millis / 32 + 1).contains(&told),
                "{share}: {told}"
            );
        }
        assert_eq!(histogram.most(), Some(Duration::from_secs(1)));
    }
}
