use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// After so many slow publishes in a row, notifications go to the spool first.
const PATIENCE: u32 = 3;
/// How often one of them tries the bus all the same.
const PROBE_EVERY_MILLIS: u64 = 1000;

/// Whether notifications go to the bus first, or to the spool because the bus is slow or away.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    missed: AtomicU32,
    probe_at_millis: AtomicU64,
}

impl Pace {
    /// Whether the notification that asks goes to the bus first.
    pub(crate) fn is_bus_first(&self, now_millis: u64) -> bool {
        if !self.is_spool_first() {
            return true;
        }
        let due = self.probe_at_millis.load(Ordering::Relaxed);
        let next = now_millis + PROBE_EVERY_MILLIS;
        now_millis >= due
            && self
                .probe_at_millis
                .compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    pub(crate) fn is_spool_first(&self) -> bool {
        self.missed.load(Ordering::Relaxed) >= PATIENCE
    }

    /// The bus stored a message in time; answers whether this ends a time of spooling.
    pub(crate) fn stored(&self) -> bool {
        // Read first: this is told by every notification.
        self.missed.load(Ordering::Relaxed) > 0
            && self.missed.swap(0, Ordering::Relaxed) >= PATIENCE
    }

    /// The bus did not store a message in time; answers whether a time of spooling begins.
    pub(crate) fn missed(&self, now_millis: u64) -> bool {
        let before = self.missed.fetch_add(1, Ordering::Relaxed);
        if before + 1 == PATIENCE {
            let next = now_millis + PROBE_EVERY_MILLIS;
            self.probe_at_millis.store(next, Ordering::Relaxed);
        }
        before + 1 == PATIENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_slow_publishes_in_a_row_turn_to_the_spool() {
        let pace = Pace::default();
        assert!(!pace.missed(0) && !pace.missed(0));
        assert!(!pace.stored());
        assert!(!pace.missed(0) && !pace.missed(0) && pace.is_bus_first(0));
        assert!(pace.missed(0));
        assert!(!pace.is_bus_first(0));
    }

    #[test]
    fn one_in_a_second_tries_the_bus_and_its_success_turns_back() {
        let pace = Pace::default();
        assert_eq!([5000; 3].map(|at| pace.missed(at)), [false, false, true]);
        assert!(!pace.is_bus_first(5999));
        assert!(pace.is_bus_first(6000) && !pace.is_bus_first(6000));
        assert!(!pace.missed(6200) && !pace.is_bus_first(6999));
        assert!(pace.is_bus_first(7000));
        assert!(pace.stored());
        assert!(pace.is_bus_first(7001) && pace.is_bus_first(7001));
    }
}
