//! How many requests may be under way at once: as many as a second permits, times the seconds that one takes (Little's law),
//! with headroom. So a slow Intercom does not slow a run, and a quick one is not crowded.

use std::time::Duration;

/// What the answers so far tell of Intercom.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flow {
    /// How long an answer takes, the wait for the budget left out; the newest count most.
    latency_secs: Option<f64>,
    permitted_per_second: Option<f64>,
}

impl Flow {
    /// Answers differ; with what waits in the vault, a window that opens is used at once.
    const HEADROOM: f64 = 2.0;
    /// What a newer answer weighs.
    const WEIGHT: f64 = 1.0 / 16.0;
    /// Before the first answer nothing slows a run down that could be fast.
    const AT_FIRST: usize = 64;
    const LEAST: usize = 32;
    /// What an Intercom that tells no limit is taken to permit.
    const UNLIMITED_PER_SECOND: f64 = 1000.0;
    /// Intercom tells the limit of ten seconds.
    const WINDOW_SECS: f64 = 10.0;

    /// Learns from an answer that took so long, and from the limit that it told.
    pub(crate) fn answered(&mut self, took: Duration, limit: Option<u32>) {
        let secs = took.as_secs_f64();
        let known = self.latency_secs.unwrap_or(secs);
        self.latency_secs = Some(known + (secs - known) * Self::WEIGHT);
        if let Some(limit) = limit.filter(|limit| *limit > 0) {
            self.permitted_per_second = Some(f64::from(limit) / Self::WINDOW_SECS);
        }
    }

    /// How many may be under way, at most `most`.
    pub(crate) fn room(&self, most: usize) -> usize {
        let rate = self
            .permitted_per_second
            .unwrap_or(Self::UNLIMITED_PER_SECOND);
        let room = self.latency_secs.map_or(Self::AT_FIRST, |secs| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a product of positive numbers; the cast saturates"
            )]
            let room = (rate * secs * Self::HEADROOM).ceil() as usize;
            room.max(Self::LEAST)
        });
        room.min(most)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(millis: u64, limit: Option<u32>) -> Flow {
        let mut flow = Flow::default();
        for _ in 0..100 {
            flow.answered(Duration::from_millis(millis), limit);
        }
        flow
    }

    #[test]
    fn what_is_under_way_follows_the_latency() {
        // 10,000 a minute are 1,667 in ten seconds.
        for (millis, expected) in [(1, 32), (50, 32), (200, 67), (700, 234), (5_000, 256)] {
            let room = after(millis, Some(1667)).room(256);
            assert_eq!(room, expected, "{millis} ms");
        }
    }

    #[test]
    fn there_is_no_slow_start() {
        assert_eq!(Flow::default().room(256), 64);
        assert_eq!(Flow::default().room(8), 8);
    }

    #[test]
    fn without_a_limit_the_latency_alone_counts() {
        assert_eq!(after(100, None).room(256), 200);
    }

    proptest! {
        #[test]
        fn it_is_enough_for_the_permitted_rate(millis in 1..700_u32, limit in 100..1_700_u32) {
            let room = u32::try_from(after(millis.into(), Some(limit)).room(256)).unwrap();
            let needed = f64::from(limit) / 10.0 * f64::from(millis) / 1000.0;
            prop_assert!(f64::from(room) >= needed, "{room} under way, {needed} needed");
        }
    }
}
