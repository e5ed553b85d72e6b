//! How Intercom treats an endpoint by its answers. Pure; times are milliseconds.

const MINUTE: u64 = 60_000;
const PAUSE: u64 = 15 * MINUTE;
const LONGEST_THROTTLE: u64 = 120 * MINUTE;
const WEEK: u64 = 7 * 24 * 60 * MINUTE;
/// More errors in a row than this pause the deliveries.
const ERRORS_BEFORE_PAUSE: u32 = 1000;
/// Answers slower than this cost an endpoint its priority.
const PROMPT: u64 = 500;

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Accepted,
    Gone,
    TooMany,
    /// Another status, no answer in time, or no connection.
    Failed,
}

impl Answer {
    pub(super) fn of(status: u16) -> Self {
        match status {
            200..=299 => Self::Accepted,
            410 => Self::Gone,
            429 => Self::TooMany,
            _ => Self::Failed,
        }
    }
}

/// What becomes of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Delivered,
    /// Once more, at this time.
    Again(u64),
    Failed,
    Lost(&'static str),
}

/// An endpoint as its answers made it.
#[derive(Debug, Clone, Default)]
pub(super) struct Treatment {
    errors_in_row: u32,
    first_error_at: u64,
    paused_until: u64,
    throttle: u64,
    throttled_until: u64,
    failing_since: Option<u64>,
    pub(super) is_slow: bool,
    /// The endpoint answered 410.
    pub(super) is_disabled: bool,
    /// The endpoint failed for a week.
    pub(super) is_suspended: bool,
}

pub(super) const THROTTLED_TOO_LONG: &str = "throttled for more than two hours";

impl Treatment {
    /// Why a notification that is caused now will never be sent.
    pub(super) fn refuses(&self, now: u64) -> Option<&'static str> {
        if self.is_disabled {
            Some("the endpoint answered 410")
        } else if self.is_suspended {
            Some("suspended after a week of errors")
        } else if now < self.paused_until {
            Some("paused after too many errors")
        } else {
            None
        }
    }

    /// When something due now may be sent; none is at once.
    pub(super) fn holds(&self, now: u64) -> Option<u64> {
        let until = self.paused_until.max(self.throttled_until);
        (now < until).then_some(until)
    }

    /// Takes notice of the answer to a delivery's attempt of this number.
    pub(super) fn take(
        &mut self,
        now: u64,
        (answer, latency): (Answer, u64),
        attempt: u32,
        (first_due, retry_after): (u64, u64),
    ) -> Verdict {
        self.is_slow = latency > PROMPT;
        match answer {
            Answer::Accepted => {
                (self.errors_in_row, self.throttle, self.failing_since) = (0, 0, None);
                return Verdict::Delivered;
            }
            Answer::TooMany => return self.throttled(now, first_due),
            Answer::Gone => {
                self.is_disabled = true;
                return Verdict::Failed;
            }
            Answer::Failed => self.failed(now),
        }
        if attempt == 1 {
            Verdict::Again(now + retry_after)
        } else {
            Verdict::Failed
        }
    }

    fn throttled(&mut self, now: u64, first_due: u64) -> Verdict {
        // Answers to what was under way when the throttle began say nothing new.
        if now >= self.throttled_until {
            self.throttle = (self.throttle * 2).clamp(MINUTE, LONGEST_THROTTLE);
            self.throttled_until = now + self.throttle;
        }
        if self.throttled_until - first_due > LONGEST_THROTTLE {
            Verdict::Lost(THROTTLED_TOO_LONG)
        } else {
            Verdict::Again(self.throttled_until)
        }
    }

    fn failed(&mut self, now: u64) {
        if self.errors_in_row == 0 || now - self.first_error_at > PAUSE {
            (self.errors_in_row, self.first_error_at) = (0, now);
        }
        self.errors_in_row += 1;
        if self.errors_in_row > ERRORS_BEFORE_PAUSE {
            self.errors_in_row = 0;
            self.paused_until = now + PAUSE;
        }
        let since = *self.failing_since.get_or_insert(now);
        self.is_suspended |= now - since > WEEK;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: (Answer, u64) = (Answer::Accepted, 20);
    const BAD: (Answer, u64) = (Answer::Failed, 20);
    const BUSY: (Answer, u64) = (Answer::TooMany, 20);

    #[test]
    fn an_error_is_retried_once() {
        let mut endpoint = Treatment::default();
        let waits = (0, MINUTE);
        assert_eq!(endpoint.take(5, BAD, 1, waits), Verdict::Again(5 + MINUTE));
        assert_eq!(endpoint.take(MINUTE, BAD, 2, waits), Verdict::Failed);
        assert_eq!(endpoint.take(MINUTE, OK, 1, waits), Verdict::Delivered);
    }

    #[test]
    fn gone_ends_it_for_good() {
        let mut endpoint = Treatment::default();
        let gone = (Answer::Gone, 1);
        assert_eq!(endpoint.take(0, gone, 1, (0, MINUTE)), Verdict::Failed);
        assert!(endpoint.refuses(u64::MAX).is_some());
    }

    #[test]
    fn throttling_grows_to_two_hours_and_loses_what_waits_longer() {
        let mut endpoint = Treatment::default();
        let mut now = 0;
        let mut waits = Vec::new();
        loop {
            match endpoint.take(now, BUSY, 1, (0, MINUTE)) {
                Verdict::Again(at) => {
                    assert_eq!(endpoint.holds(now), Some(at));
                    waits.push((at - now) / MINUTE);
                    now = at;
                }
                other => {
                    assert_eq!(other, Verdict::Lost(THROTTLED_TOO_LONG));
                    break;
                }
            }
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32]);
        let fresh = endpoint.throttled_until;
        assert_eq!(endpoint.holds(fresh), None);
        assert_eq!(
            endpoint.take(fresh, BUSY, 1, (fresh, MINUTE)),
            Verdict::Again(fresh + 120 * MINUTE)
        );
        let later = endpoint.throttled_until;
        endpoint.take(later, OK, 1, (later, MINUTE));
        assert_eq!(
            endpoint.take(later, BUSY, 1, (later, MINUTE)),
            Verdict::Again(later + MINUTE),
            "an accepted one forgives"
        );
    }

    #[test]
    fn a_thousand_errors_in_a_row_pause_for_a_quarter_of_an_hour() {
        let mut endpoint = Treatment::default();
        for _ in 0..ERRORS_BEFORE_PAUSE {
            endpoint.take(10, BAD, 1, (10, MINUTE));
        }
        assert_eq!(endpoint.refuses(10), None);
        endpoint.take(10, BAD, 1, (10, MINUTE));
        assert!(endpoint.refuses(10).is_some());
        assert_eq!(endpoint.refuses(10 + PAUSE), None);
    }

    #[test]
    fn errors_far_apart_or_broken_by_a_success_do_not_pause() {
        let mut endpoint = Treatment::default();
        for number in 0..3000_u64 {
            let now = number * 2000;
            endpoint.take(now, BAD, 1, (now, MINUTE));
            assert_eq!(endpoint.refuses(now), None, "{number}");
        }
        let mut endpoint = Treatment::default();
        for number in 0..3000 {
            let answer = if number % 900 == 0 { OK } else { BAD };
            endpoint.take(0, answer, 1, (0, MINUTE));
        }
        assert_eq!(endpoint.refuses(0), None);
    }

    #[test]
    fn a_week_of_errors_suspends_and_slow_answers_cost_priority() {
        let mut endpoint = Treatment::default();
        for day in 0..=7 {
            endpoint.take(day * 24 * 60 * MINUTE, BAD, 1, (0, MINUTE));
            assert!(!endpoint.is_suspended);
        }
        endpoint.take(WEEK + 1, BAD, 1, (0, MINUTE));
        assert!(endpoint.refuses(WEEK + 1).is_some());
        endpoint.take(0, (Answer::Accepted, 501), 1, (0, MINUTE));
        assert!(endpoint.is_slow);
        endpoint.take(0, OK, 1, (0, MINUTE));
        assert!(!endpoint.is_slow);
    }
}
