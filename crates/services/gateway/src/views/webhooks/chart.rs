use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use harken_contracts::convert::datetime;
use harken_contracts::wire::ingress::v1::DeliveryHour;

use crate::rules::numbers;
use crate::views::bars::{Bars, Counted, Kind, Words};

const HOURS: i64 = 24;

const WORDS: Words = Words {
    summary: |total, most| {
        let total = numbers::counted(total, "request", "requests");
        let most = numbers::count(most);
        format!("Last 24 hours, {total}; the highest hour had {most}")
    },
    label: "Requests per hour",
    caption: "Requests of the last 24 hours by outcome",
    period: "Hour",
    last: "now",
};

const OUTCOMES: [(&str, &str); 5] = [
    ("kept", "Kept at once"),
    ("spooled", "Kept on a detour"),
    ("aside", "Set aside"),
    ("pings", "Test requests"),
    ("refused", "Refused"),
];

/// Deliveries of the last day, an hour per bar; none where there was none.
pub(super) fn chart(told: &[DeliveryHour], now: DateTime<Utc>) -> Option<Bars> {
    let this = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
    let counted = (0..HOURS)
        .rev()
        .map(|back| this - TimeDelta::hours(back))
        .map(|hour| Counted {
            period: hour.format("%H:%M").to_string(),
            counts: counts_of(told, hour),
        });
    let kinds = OUTCOMES.map(|(class, word)| Kind { class, word });
    Bars::new(WORDS, kinds.to_vec(), counted.collect())
}

/// In the order of the outcomes.
fn counts_of(told: &[DeliveryHour], hour: DateTime<Utc>) -> Vec<u64> {
    let is_it = |one: &&DeliveryHour| {
        let at = one.hour.as_ref().and_then(|at| datetime(at).ok());
        at == Some(hour)
    };
    told.iter().find(is_it).map_or_else(
        || vec![0; OUTCOMES.len()],
        |one| {
            vec![
                one.streamed,
                one.spooled,
                one.quarantined,
                one.pings,
                one.refused,
            ]
        },
    )
}

#[cfg(test)]
mod tests {
    use harken_contracts::convert::timestamp;

    use super::*;

    #[test]
    fn hours_before_the_last_day_are_left_out() {
        let now = DateTime::from_timestamp(1_795_180_000, 0).unwrap();
        let hour = |back: i64, streamed, refused| DeliveryHour {
            hour: Some(timestamp(
                now.duration_trunc(TimeDelta::hours(1)).unwrap() - TimeDelta::hours(back),
            )),
            streamed,
            refused,
            ..DeliveryHour::default()
        };
        let told = [hour(30, 900, 0), hour(2, 10, 0), hour(0, 30, 10)];
        let bars = chart(&told, now).unwrap();
        assert_eq!((bars.total, bars.most), (50, 40));
        assert!(chart(&told[..1], now).is_none());
    }
}
