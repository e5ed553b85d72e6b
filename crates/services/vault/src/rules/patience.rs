//! How often and after how long something is tried again.

use std::time::Duration;

/// Times that a request is sent to an Intercom in trouble.
const MOST_TRIES: u32 = 5;
/// Times that a request waits for the next window in a row.
pub(crate) const MOST_REFUSALS: u32 = 12;

/// Times that Intercom is asked about an uninstall: about a day long.
pub(crate) const MOST_UNINSTALL_CHECKS: u32 = 30;

/// How often a request is sent to an Intercom in trouble. A scroll moves on when it is asked: where its answer was lost,
/// repeating it would lose a page in silence, so the reader is told and begins the scroll anew.
pub(crate) fn tries_of(path: &str) -> u32 {
    if path.starts_with("/companies/scroll?") {
        1
    } else {
        MOST_TRIES
    }
}

/// The wait after the `failures`-th failure of a call; `chance` lies in 0..1 and spreads the callers.
pub(crate) fn between_tries(failures: u32, chance: f64) -> Duration {
    grow(
        Duration::from_millis(250),
        Duration::from_secs(8),
        failures,
        chance,
    )
}

/// The wait after the `failures`-th failure of a revocation.
pub(crate) fn between_revocations(failures: u32, chance: f64) -> Duration {
    grow(
        Duration::from_secs(10),
        Duration::from_hours(1),
        failures,
        chance,
    )
}

/// The wait after Intercom was asked in vain, for the `failures`-th time, whether the app is still installed. At least a
/// minute.
pub(crate) fn between_uninstall_checks(failures: u32, chance: f64) -> Duration {
    grow(
        Duration::from_mins(2),
        Duration::from_hours(1),
        failures,
        chance,
    )
}

/// Doubles from `first` up to `most`; the upper half is left to chance.
fn grow(first: Duration, most: Duration, failures: u32, chance: f64) -> Duration {
    let doubled = first.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
    doubled
        .min(most)
        .mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scroll_that_is_under_way_is_asked_once() {
        for (path, tries) in [
            ("/companies/scroll?scroll_param=ab12", 1),
            ("/companies/scroll", MOST_TRIES),
            ("/companies?page=2", MOST_TRIES),
            ("/contacts/6762/tags", MOST_TRIES),
        ] {
            assert_eq!(tries_of(path), tries, "{path}");
        }
    }

    #[test]
    fn waits_double_up_to_a_bound_and_are_spread() {
        let ms = |failures, chance| between_tries(failures, chance).as_millis();
        assert_eq!([ms(1, 1.0), ms(2, 1.0), ms(3, 1.0)], [250, 500, 1000]);
        assert_eq!(ms(1, 0.0), 125);
        assert_eq!(ms(60, 1.0), 8000);
        assert_eq!(between_revocations(u32::MAX, 1.0), Duration::from_hours(1));
        assert_eq!(between_uninstall_checks(1, 0.0), Duration::from_mins(1));
    }
}
