//! Lengths of time as people say them.

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A length in its two largest units: `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h`.
pub(crate) fn in_words(secs: u64) -> String {
    match secs {
        0..MINUTE => format!("{secs} s"),
        MINUTE..HOUR => format!("{} min", secs / MINUTE),
        HOUR..DAY => pair(secs / HOUR, "h", secs % HOUR / MINUTE, "min"),
        _ => pair(secs / DAY, "d", secs % DAY / HOUR, "h"),
    }
}

/// What is left of something that goes on: rounded, as the estimate is.
pub(crate) fn left_in_words(secs: u64) -> String {
    match secs {
        0..10 => "a few seconds left".to_owned(),
        10..55 => format!("about {} s left", secs.next_multiple_of(5)),
        55..90 => "about 1 min left".to_owned(),
        90..HOUR => format!("about {} min left", (secs + 30) / MINUTE),
        _ => format!("about {} left", in_words(secs)),
    }
}

fn pair(large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    if small == 0 {
        format!("{large} {large_unit}")
    } else {
        format!("{large} {large_unit} {small} {small_unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_told_in_its_two_largest_units() {
        for (secs, words) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_599, "59 min"),
            (3_600, "1 h"),
            (12_000, "3 h 20 min"),
            (86_400, "1 d"),
            (187_200, "2 d 4 h"),
        ] {
            assert_eq!(in_words(secs), words);
        }
    }

    #[test]
    fn an_estimate_is_rounded() {
        for (secs, words) in [
            (3, "a few seconds left"),
            (42, "about 45 s left"),
            (60, "about 1 min left"),
            (170, "about 3 min left"),
            (7_200, "about 2 h left"),
        ] {
            assert_eq!(left_in_words(secs), words);
        }
    }
}
