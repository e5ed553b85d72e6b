//! Calendar days of a workspace's zone, in Unix seconds.

use chrono::{DateTime, Days, LocalResult, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::world::Span;

/// The seconds of the day that `time` falls on: 23 or 25 hours when the clocks change.
pub(super) fn day_of(time: i64, zone: Tz) -> Span {
    let Some(moment) = DateTime::<Utc>::from_timestamp(time, 0) else {
        return Span {
            from: time,
            to: time,
        };
    };
    let day = moment.with_timezone(&zone).date_naive();
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
    Span {
        from: starts_at(day, zone),
        to: starts_at(next, zone) - 1,
    }
}

/// The first second of a day; where midnight is skipped, the first one after it.
fn starts_at(day: NaiveDate, zone: Tz) -> i64 {
    let mut local = day.and_time(chrono::NaiveTime::MIN);
    loop {
        match zone.from_local_datetime(&local) {
            LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => {
                return moment.timestamp();
            }
            LocalResult::None => local += TimeDelta::minutes(15),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(span: Span) -> i64 {
        (span.to + 1 - span.from) / 3600
    }

    fn at(text: &str) -> i64 {
        text.parse::<DateTime<Utc>>().unwrap().timestamp()
    }

    #[test]
    fn days_are_those_of_the_zone_and_know_summer_time() {
        let rows = [
            (
                "2026-11-01T12:00:00Z",
                Tz::America__New_York,
                "2026-11-01T04:00:00Z",
                25,
            ),
            (
                "2026-03-08T12:00:00Z",
                Tz::America__New_York,
                "2026-03-08T05:00:00Z",
                23,
            ),
            (
                "2026-03-08T04:59:59Z",
                Tz::America__New_York,
                "2026-03-07T05:00:00Z",
                24,
            ),
            ("2020-01-01T09:00:00Z", Tz::UTC, "2020-01-01T00:00:00Z", 24),
            // Midnight itself is skipped here.
            (
                "2018-11-04T15:00:00Z",
                Tz::America__Sao_Paulo,
                "2018-11-04T03:00:00Z",
                23,
            ),
        ];
        for (time, zone, starts, length) in rows {
            let day = day_of(at(time), zone);
            assert_eq!(day.from, at(starts), "{time} in {zone}");
            assert_eq!(hours(day), length, "{time} in {zone}");
            assert!(day.holds(at(time)));
        }
    }
}
