//! Numbers as people read them.

/// A count with its thousands set apart: `12,480`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count with its noun: `1 contact`, `12,480 contacts`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{} {noun}", count(number))
}

/// Points with at most one decimal: `20.3`, `10`.
pub(crate) fn points(value: f64) -> String {
    let text = format!("{:.1}", (value * 10.0).round() / 10.0 + 0.0);
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

/// A whole share of a whole, 0 to 100; 100 only when all of it is there.
pub(crate) fn percent(part: u64, whole: u64) -> u64 {
    if whole == 0 {
        0
    } else if part >= whole {
        100
    } else {
        u64::try_from(u128::from(part) * 100 / u128::from(whole))
            .unwrap_or(99)
            .min(99)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (12_480, "12,480"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(count(number), text);
        }
        assert_eq!(counted(1, "contact", "contacts"), "1 contact");
    }

    #[test]
    fn points_show_one_decimal_only_where_it_tells_something() {
        for (value, text) in [
            (20.3125, "20.3"),
            (10.0, "10"),
            (0.04, "0"),
            (-0.0, "0"),
            (99.96, "100"),
        ] {
            assert_eq!(points(value), text);
        }
    }

    #[test]
    fn all_is_said_only_when_nothing_is_missing() {
        assert_eq!(percent(999_999, 1_000_000), 99);
        assert_eq!(percent(7, 7), 100);
        assert_eq!(percent(9, 7), 100);
        assert_eq!(percent(0, 0), 0);
        assert_eq!(percent(u64::MAX - 1, u64::MAX), 99);
    }
}
