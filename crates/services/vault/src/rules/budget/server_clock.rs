use std::time::{Duration, Instant};

/// The earliest that Intercom's clock can be showing, learned from `Date` headers.
///
/// A `Date` was written before it arrived, and seconds are cut off, so each answer gives a lower bound; the best of many
/// lies within the quickest answer's way back. A lower bound cannot take a window for over while it still counts.
#[derive(Clone, Debug)]
pub(super) struct ServerClock {
    origin: Instant,
    /// Milliseconds that Intercom's clock is ahead of the time since `origin`, at least; this window's and the last one's.
    ahead_ms: [Option<i64>; 2],
}

impl ServerClock {
    pub(super) const fn new(origin: Instant) -> Self {
        Self {
            origin,
            ahead_ms: [None, None],
        }
    }

    /// Learns from an answer that arrived at `now`.
    pub(super) fn observe(&mut self, now: Instant, date: Option<i64>) {
        let bound = date.map(|date| date.saturating_mul(1000) - self.elapsed_ms(now));
        self.ahead_ms[0] = self.ahead_ms[0].max(bound);
    }

    /// Begins a new generation, so that a bound that a corrected clock made wrong fades.
    pub(super) const fn turn(&mut self) {
        self.ahead_ms = [None, self.ahead_ms[0]];
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
