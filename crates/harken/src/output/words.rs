//! Numbers, times and levels as a person reads them.

use chrono::{DateTime, TimeDelta, Utc};
use console::Style;
use harken_contracts::convert::datetime;
use harken_contracts::wire::types::v1::RiskLevel;
use prost_types::Timestamp;

use super::Cell;

/// The text without what could steer a terminal.
pub(crate) fn plain(text: &str) -> String {
    let harmless = |letter: char| match letter {
        '\n' | '\r' | '\t' => ' ',
        // Controls, and the marks that reorder what is read.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        letter if letter.is_control() => '\u{fffd}',
        letter => letter,
    };
    text.chars().map(harmless).collect()
}

/// `12345` as `12,345`.
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

/// `1 gap`, `2 gaps`.
pub(crate) fn many(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", count(number))
}

/// At most one decimal: `12.5`, `12`.
pub(crate) fn decimal(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0")
        .map_or_else(|| text.clone(), str::to_owned)
}

/// A moment to the second, in UTC; `–` if there is none.
pub(crate) fn moment(at: Option<&Timestamp>) -> String {
    at.and_then(|at| datetime(at).ok()).map_or_else(
        || "–".to_owned(),
        |at| at.format("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

/// How long ago a moment was; `–` if there is none.
pub(crate) fn when(at: Option<&Timestamp>, now: DateTime<Utc>) -> String {
    let Some(at) = at.and_then(|at| datetime(at).ok()) else {
        return "–".to_owned();
    };
    let past = now - at;
    let (number, unit) = match past {
        past if past < TimeDelta::minutes(1) => return "just now".to_owned(),
        past if past < TimeDelta::hours(1) => (past.num_minutes(), "min"),
        past if past < TimeDelta::hours(48) => (past.num_hours(), "h"),
        past => (past.num_days(), "days"),
    };
    format!("{number} {unit} ago")
}

/// A level by shape, word and colour.
pub(crate) fn level(level: RiskLevel) -> Cell {
    match level {
        RiskLevel::Healthy => Cell::text("● healthy").styled(Style::new().green()),
        RiskLevel::AtRisk => Cell::text("▲ at risk").styled(Style::new().yellow()),
        RiskLevel::Critical => Cell::text("■ critical").styled(Style::new().red()),
        RiskLevel::Unspecified => Cell::text("– N/A").styled(Style::new().dim()),
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
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(count(number), text);
        }
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(
            (many(1, "gap"), many(2_000, "gap")),
            ("1 gap".to_owned(), "2,000 gaps".to_owned())
        );
    }

    #[test]
    fn decimals_are_shown_where_there_are_any() {
        assert_eq!(
            (decimal(12.0), decimal(12.46)),
            ("12".to_owned(), "12.5".to_owned())
        );
    }

    #[test]
    fn times_are_told_from_now() {
        let now = DateTime::from_timestamp(1_000_000, 0).unwrap();
        let ago = |seconds: i64| {
            when(
                Some(&Timestamp {
                    seconds: 1_000_000 - seconds,
                    nanos: 0,
                }),
                now,
            )
        };
        assert_eq!(ago(5), "just now");
        assert_eq!(ago(120), "2 min ago");
        assert_eq!(ago(7_200), "2 h ago");
        assert_eq!(ago(259_200), "3 days ago");
        assert_eq!(when(None, now), "–");
    }
}
