use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use harken_contracts::convert::datetime;
use harken_contracts::wire::sync::v1::DriftDay;

use super::{CAUSES, of_cause, words};
use crate::rules::numbers;
use crate::views::bars::{Bars, Counted, Kind, Words};

const WORDS: Words = Words {
    summary: |total, most| {
        let total = numbers::counted(total, "record corrected", "records corrected");
        format!("{total}; the most on a day was {}", numbers::count(most))
    },
    label: "Corrected records per day",
    caption: "Corrected records by day and cause",
    period: "Day",
    last: "today",
};

/// Corrected records of the last `days`, a day per bar; none where nothing was corrected on any.
pub(super) fn chart(told: &[DriftDay], days: u32, now: DateTime<Utc>) -> Option<Bars> {
    let today = now.duration_trunc(TimeDelta::days(1)).unwrap_or(now);
    let counted = (0..i64::from(days))
        .rev()
        .map(|back| today - TimeDelta::days(back))
        .map(|day| Counted {
            period: day.format("%-d %b").to_string(),
            counts: counts_of(told, day),
        });
    let kinds = CAUSES.map(|cause| {
        let (class, word, _) = words(cause);
        Kind { class, word }
    });
    Bars::new(WORDS, kinds.to_vec(), counted.collect())
}

fn counts_of(told: &[DriftDay], day: DateTime<Utc>) -> Vec<u64> {
    let is_it = |one: &&DriftDay| one.day.as_ref().and_then(|at| datetime(at).ok()) == Some(day);
    let causes = told
        .iter()
        .find(is_it)
        .map_or(&[][..], |one| one.causes.as_slice());
    CAUSES.map(|cause| of_cause(causes, cause)).to_vec()
}

#[cfg(test)]
mod tests {
    use harken_contracts::convert::timestamp;
    use harken_contracts::wire::sync::v1::{DriftCause, DriftCount};

    use super::*;

    #[test]
    fn days_before_the_period_are_left_out() {
        let now = DateTime::from_timestamp(1_795_180_000, 0).unwrap();
        let today = now.duration_trunc(TimeDelta::days(1)).unwrap();
        let day = |back: i64, cause: DriftCause, count| DriftDay {
            day: Some(timestamp(today - TimeDelta::days(back))),
            causes: vec![DriftCount {
                cause: cause.into(),
                count,
            }],
        };
        let told = [
            day(30, DriftCause::Gone, 900),
            day(1, DriftCause::Missing, 4),
            day(0, DriftCause::Stale, 8),
        ];
        let bars = chart(&told, 7, now).unwrap();
        assert_eq!((bars.total, bars.most), (12, 8));
        assert!(chart(&told[..1], 7, now).is_none());
    }
}
