//! Moments as people say them, with the exact one beside.

use chrono::{DateTime, TimeDelta, Utc};

/// How long ago `at` was, or how far off it is.
pub(crate) fn relative(now: DateTime<Utc>, at: DateTime<Utc>) -> String {
    let ago = now - at;
    if ago < TimeDelta::zero() {
        return ahead(-ago, at);
    }
    match (ago.num_minutes(), ago.num_hours(), ago.num_days()) {
        (0, ..) => "just now".to_owned(),
        (minutes @ 1..60, ..) => format!("{minutes} min ago"),
        (_, hours @ ..24, _) => format!("{hours} h ago"),
        (_, _, 1) => "yesterday".to_owned(),
        (_, _, days @ ..60) => format!("{days} days ago"),
        _ => date(at),
    }
}

/// The moment itself, in UTC: `20 Nov 2026, 14:05 UTC`.
pub(crate) fn exact(at: DateTime<Utc>) -> String {
    at.format("%-d %b %Y, %H:%M UTC").to_string()
}

/// The time of day, in UTC: `14:05:09`.
pub(crate) fn clock(at: DateTime<Utc>) -> String {
    at.format("%H:%M:%S").to_string()
}

/// The day: `20 Nov 2026`.
pub(crate) fn date(at: DateTime<Utc>) -> String {
    at.format("%-d %b %Y").to_string()
}

fn ahead(by: TimeDelta, at: DateTime<Utc>) -> String {
    match (by.num_minutes(), by.num_hours()) {
        // Clocks of two machines differ a little.
        (0, _) => "just now".to_owned(),
        (minutes @ 1..60, _) => format!("in {minutes} min"),
        (_, hours @ ..24) => format!("in {hours} h"),
        _ => date(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_and_the_future_are_told_from_now() {
        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        for (secs, words) in [
            (-30, "just now"),
            (-300, "in 5 min"),
            (-7_200, "in 2 h"),
            (0, "just now"),
            (59, "just now"),
            (60, "1 min ago"),
            (3_600, "1 h ago"),
            (86_400, "yesterday"),
            (86_400 * 3, "3 days ago"),
        ] {
            assert_eq!(relative(now, now - TimeDelta::seconds(secs)), words);
        }
        assert_eq!(
            relative(now, now - TimeDelta::days(100)),
            date(now - TimeDelta::days(100))
        );
    }

    #[test]
    fn the_exact_moment_names_its_zone() {
        let at = DateTime::from_timestamp(1_795_183_500, 0).unwrap();
        assert!(exact(at).ends_with(" UTC"), "{}", exact(at));
    }
}
