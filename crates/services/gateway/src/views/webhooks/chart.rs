use askama::Template;
use askama::filters::HtmlSafe;
use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use harken_contracts::convert::datetime;
use harken_contracts::wire::ingress::v1::DeliveryHour;

use crate::rules::numbers;

const HOURS: i64 = 24;
/// The drawing's height; a bar and its gap are ten wide.
const HEIGHT: f64 = 64.0;
const STEP: i64 = 10;

/// Deliveries of the last day, an hour per bar.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/deliveries.html")]
pub(crate) struct Chart {
    bars: Vec<Bar>,
    most: String,
    total: String,
}

/// One hour.
#[derive(Clone, Debug)]
struct Bar {
    x: i64,
    hour: String,
    title: String,
    pieces: Vec<Piece>,
    numbers: [u64; 5],
}

/// A part of a bar: one outcome.
#[derive(Clone, Debug)]
struct Piece {
    class: &'static str,
    y: String,
    height: String,
}

const OUTCOMES: [(&str, &str); 5] = [
    ("kept", "Kept at once"),
    ("spooled", "Kept on a detour"),
    ("aside", "Set aside"),
    ("pings", "Test requests"),
    ("refused", "Refused"),
];

impl Chart {
    pub(crate) fn new(hours: &[DeliveryHour], now: DateTime<Utc>) -> Self {
        let this = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
        let counted: Vec<(DateTime<Utc>, [u64; 5])> = (0..HOURS)
            .map(|back| this - TimeDelta::hours(HOURS - 1 - back))
            .map(|hour| (hour, numbers_of(hours, hour)))
            .collect();
        let sum = |numbers: &[u64; 5]| numbers.iter().sum::<u64>();
        let most = counted.iter().map(|(_, numbers)| sum(numbers)).max();
        let most = most.unwrap_or(0);
        let total = counted.iter().map(|(_, numbers)| sum(numbers)).sum();
        let bars = counted
            .into_iter()
            .zip(0..)
            .map(|((hour, numbers), at)| Bar {
                x: at * STEP,
                hour: hour.format("%H:%M").to_string(),
                title: in_words(hour, &numbers),
                pieces: pieces(&numbers, most),
                numbers,
            });
        Self {
            bars: bars.collect(),
            most: numbers::count(most),
            total: numbers::counted(total, "request", "requests"),
        }
    }

    fn is_empty(&self) -> bool {
        self.bars.iter().all(|bar| bar.pieces.is_empty())
    }

    fn outcomes(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let seen = |at: usize| self.bars.iter().any(|bar| bar.numbers[at] > 0);
        let kept = OUTCOMES.into_iter().enumerate();
        kept.filter(move |(at, _)| *at == 0 || seen(*at))
            .map(|(_, outcome)| outcome)
    }
}

impl HtmlSafe for Chart {}

fn numbers_of(hours: &[DeliveryHour], hour: DateTime<Utc>) -> [u64; 5] {
    let is_it = |one: &&DeliveryHour| {
        let at = one.hour.as_ref().and_then(|at| datetime(at).ok());
        at == Some(hour)
    };
    hours.iter().find(is_it).map_or([0; 5], |one| {
        [
            one.streamed,
            one.spooled,
            one.quarantined,
            one.pings,
            one.refused,
        ]
    })
}

fn in_words(hour: DateTime<Utc>, numbers: &[u64; 5]) -> String {
    let told: Vec<_> = OUTCOMES
        .iter()
        .zip(numbers)
        .filter(|(_, number)| **number > 0)
        .map(|((_, word), number)| format!("{} {}", numbers::count(*number), word.to_lowercase()))
        .collect();
    let told = if told.is_empty() {
        "nothing".to_owned()
    } else {
        told.join(", ")
    };
    format!("{} UTC: {told}", hour.format("%H:%M"))
}

/// Stacked from the bottom. What there was at all is at least a line high.
#[expect(clippy::cast_precision_loss, reason = "a length on screen")]
fn pieces(numbers: &[u64; 5], most: u64) -> Vec<Piece> {
    let mut y = HEIGHT;
    let mut pieces = Vec::new();
    for ((class, _), number) in OUTCOMES.iter().zip(numbers) {
        if *number > 0 {
            let height = (*number as f64 * HEIGHT / most.max(1) as f64).max(1.5);
            y -= height;
            pieces.push(Piece {
                class,
                y: format!("{y:.1}"),
                height: format!("{height:.1}"),
            });
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use harken_contracts::convert::timestamp;

    use super::*;

    #[test]
    fn the_last_bar_is_this_hour_and_the_highest_is_full() {
        let now = DateTime::from_timestamp(1_795_180_000, 0).unwrap();
        let hour = |back: i64, streamed, refused| DeliveryHour {
            hour: Some(timestamp(
                now.duration_trunc(TimeDelta::hours(1)).unwrap() - TimeDelta::hours(back),
            )),
            streamed,
            refused,
            ..DeliveryHour::default()
        };
        let chart = Chart::new(&[hour(30, 900, 0), hour(2, 10, 0), hour(0, 30, 10)], now);
        assert_eq!(chart.bars.len(), 24);
        assert_eq!(
            (chart.most.as_str(), chart.total.as_str()),
            ("40", "50 requests")
        );
        let last = &chart.bars[23];
        let heights: Vec<_> = last
            .pieces
            .iter()
            .map(|piece| piece.height.as_str())
            .collect();
        assert_eq!(heights, ["48.0", "16.0"]);
        assert_eq!(last.pieces[1].y, "0.0");
        assert!(
            last.title.ends_with("30 kept at once, 10 refused"),
            "{}",
            last.title
        );
        assert!(!chart.is_empty());
        assert!(Chart::new(&[], now).is_empty());
    }
}
