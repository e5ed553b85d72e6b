use std::time::{Duration, Instant};

use super::WINDOW;

/// How long an observation is believed: a clock may be corrected.
const BELIEVED_FOR: Duration = Duration::from_mins(5);

/// The earliest that Intercom's clock can be showing.
///
/// A `Date` was written before it arrived, and seconds are cut off; a request counted in a window was counted after that
/// window began. So each answer gives a lower bound, and the best of many lies within the quickest answer's way back. A
/// lower bound cannot take a window for over while it still counts.
#[derive(Clone, Debug)]
pub(super) struct ServerClock {
    origin: Instant,
    /// Milliseconds that Intercom's clock is ahead of the time since `origin`, at least: of this generation of
    /// observations, and of the one before it.
    ahead_ms: [Option<i64>; 2],
    generation_began: Instant,
}

impl ServerClock {
    pub(super) const fn new(origin: Instant) -> Self {
        Self {
            origin,
            ahead_ms: [None, None],
            generation_began: origin,
        }
    }

    /// Learns from an answer that arrived at `now`: what `Date` it carried, and when the window ends that counted it.
    pub(super) fn observe(&mut self, now: Instant, date: Option<i64>, reset: Option<i64>) {
        if now.saturating_duration_since(self.generation_began) > BELIEVED_FOR {
            self.ahead_ms = [None, self.ahead_ms[0]];
            self.generation_began = now;
        }
        let began = reset.map(|reset| reset.saturating_sub_unsigned(WINDOW.as_secs()));
        if let Some(shown) = date.max(began) {
            let ahead_ms = shown
                .saturating_mul(1000)
                .saturating_sub(self.elapsed_ms(now));
            self.ahead_ms[0] = self.ahead_ms[0].max(Some(ahead_ms));
        }
    }

    /// Forgets what proved wrong.
    pub(super) const fn forget(&mut self) {
        self.ahead_ms = [None, None];
    }

    /// When Intercom's clock will have shown `unix_seconds` for certain; none if it was never heard.
    pub(super) fn certainly_past(&self, unix_seconds: i64) -> Option<Instant> {
        let ahead_ms = self.ahead_ms[0].max(self.ahead_ms[1])?;
        let since_origin = unix_seconds.saturating_mul(1000).saturating_sub(ahead_ms);
        let since_origin = Duration::from_millis(u64::try_from(since_origin).unwrap_or(0));
        self.origin.checked_add(since_origin)
    }

    fn elapsed_ms(&self, now: Instant) -> i64 {
        i64::try_from(now.saturating_duration_since(self.origin).as_millis()).unwrap_or(i64::MAX)
    }
}
