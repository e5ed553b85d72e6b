//! Numbers in words.

/// `1 conversation`, `4 conversations`.
pub(super) fn counted(count: u32, one: &str, many: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {many}")
    }
}

/// `today`, `1 day ago`, `30 days ago`: whole days that have passed.
pub(super) fn ago(days: f64) -> String {
    match whole(days) {
        0 => "today".to_owned(),
        days => format!("{} ago", counted(days, "day", "days")),
    }
}

/// `14 days`: whole days that have passed.
pub(super) fn for_days(days: f64) -> String {
    match whole(days) {
        0 => "less than a day".to_owned(),
        days => counted(days, "day", "days"),
    }
}

/// `4 hours`, or days once there are more than three.
pub(super) fn lasting(hours: f64) -> String {
    match whole(hours + 0.5) {
        0 => "less than an hour".to_owned(),
        hours @ 1..=72 => counted(hours, "hour", "hours"),
        _ => counted(whole(hours / 24.0 + 0.5), "day", "days"),
    }
}

/// As [`lasting`], from seconds.
pub(super) fn lasting_secs(secs: i64) -> String {
    let secs = u32::try_from(secs.max(0)).unwrap_or(u32::MAX);
    lasting(f64::from(secs) / 3_600.0)
}

/// `20.3 points`; `None` where no digit would remain.
pub(super) fn points(points: f64) -> Option<String> {
    let tenths = whole(points * 10.0 + 0.5);
    match (tenths / 10, tenths % 10) {
        (0, 0) => None,
        (1, 0) => Some("1 point".to_owned()),
        (whole, 0) => Some(format!("{whole} points")),
        (whole, tenth) => Some(format!("{whole}.{tenth} points")),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped"
)]
fn whole(number: f64) -> u32 {
    number.floor().clamp(0.0, f64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_people_do() {
        assert_eq!(
            [0.0, 0.9, 1.0, 1.99, 30.4].map(ago),
            ["today", "today", "1 day ago", "1 day ago", "30 days ago"]
        );
        assert_eq!(
            [0.2, 1.0, 14.9].map(for_days),
            ["less than a day", "1 day", "14 days"]
        );
    }

    #[test]
    fn long_spans_turn_into_days() {
        assert_eq!(
            [0.2, 1.0, 4.4, 72.0, 73.0, 260.15].map(lasting),
            [
                "less than an hour",
                "1 hour",
                "4 hours",
                "72 hours",
                "3 days",
                "11 days"
            ]
        );
    }

    #[test]
    fn points_have_one_decimal_where_it_says_something() {
        let told = [0.04, 0.05, 1.0, 10.0, 20.3125, 99.96].map(points);
        assert_eq!(
            told.map(Option::unwrap_or_default),
            [
                "",
                "0.1 points",
                "1 point",
                "10 points",
                "20.3 points",
                "100 points"
            ]
        );
    }
}
