use std::{collections::VecDeque, time::Duration};

/// Over which time a rate is measured.
const WINDOW: Duration = Duration::from_secs(10);

/// Measures how fast records are dealt with. Times are counted from whatever moment its owner chose.
#[derive(Debug)]
pub(crate) struct Meter {
    /// When, and how many by then.
    marks: VecDeque<(Duration, u64)>,
    total: u64,
}

impl Meter {
    /// A meter that begins at `at` with nothing dealt with.
    pub(crate) fn beginning(at: Duration) -> Self {
        Self {
            marks: VecDeque::from([(at, 0)]),
            total: 0,
        }
    }

    /// Notes that `more` records were dealt with at `at`.
    pub(crate) fn add(&mut self, at: Duration, more: u64) {
        self.total += more;
        self.marks.push_back((at, self.total));
        // One mark beyond the window stays: it is where the window's count begins.
        while self
            .marks
            .get(1)
            .is_some_and(|(then, _)| *then + WINDOW < at)
        {
            self.marks.pop_front();
        }
    }

    /// Records per second over the last seconds; zero before anything was measured.
    pub(crate) fn per_second(&self) -> f64 {
        let (Some((from, first)), Some((to, last))) = (self.marks.front(), self.marks.back())
        else {
            return 0.0;
        };
        let secs = to.saturating_sub(*from).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
        let records = (last - first) as f64;
        if secs > 0.0 { records / secs } else { 0.0 }
    }

    /// Seconds until `left` more are dealt with at this rate; none while there is no rate.
    pub(crate) fn eta_secs(&self, left: u64) -> Option<u64> {
        let rate = self.per_second();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "a quotient of positive numbers; the cast saturates"
        )]
        (rate > 0.0).then(|| (left as f64 / rate).ceil() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut meter = Meter::beginning(secs(0));
        assert!(meter.per_second().abs() < f64::EPSILON);
        assert_eq!(meter.eta_secs(100), None);
        for second in 1..=30 {
            meter.add(secs(second), 10);
        }
        for second in 31..=60 {
            meter.add(secs(second), 50);
        }
        assert!(
            (meter.per_second() - 50.0).abs() < 1.0,
            "{}",
            meter.per_second()
        );
        assert_eq!(meter.eta_secs(500), Some(10));
    }

    #[test]
    fn what_came_before_it_began_does_not_slow_it_down() {
        let mut meter = Meter::beginning(secs(100));
        meter.add(secs(101), 50);
        assert_eq!(meter.eta_secs(100), Some(2));
    }
}
