use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// Where time comes from. Handed in at the start of a service, so that tests can hold it still.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Frozen(Arc<Mutex<DateTime<Utc>>>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still at `at` until told otherwise. Clones share the hand.
    pub fn frozen(at: DateTime<Utc>) -> Self {
        Self(Source::Frozen(Arc::new(Mutex::new(at))))
    }

    /// The moment it is now.
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Source::System =>
            {
                #[expect(clippy::disallowed_methods, reason = "this is the one place")]
                Utc::now()
            }
            Source::Frozen(hand) => *hand.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a frozen clock on by `by`. The machine's clock ignores it.
    pub fn advance(&self, by: TimeDelta) {
        if let Source::Frozen(hand) = &self.0 {
            *hand.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }

    /// Puts a frozen clock to `at`. The machine's clock ignores it.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Source::Frozen(hand) = &self.0 {
            *hand.lock().unwrap_or_else(PoisonError::into_inner) = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_frozen_clock_move_together() {
        let start = DateTime::from_timestamp(1_000, 0).unwrap();
        let clock = Clock::frozen(start);
        let clone = clock.clone();
        clone.advance(TimeDelta::seconds(5));
        assert_eq!(clock.now(), clone.now());
        assert_eq!(clock.now(), start + TimeDelta::seconds(5));
    }
}
