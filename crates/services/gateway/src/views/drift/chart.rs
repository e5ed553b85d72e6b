use askama::Template;
use askama::filters::HtmlSafe;
use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use harken_contracts::convert::datetime;
use harken_contracts::wire::sync::v1::DriftDay;

use super::{CAUSES, of_cause, words};
use crate::rules::numbers;

/// The drawing's height; a bar and its gap are ten wide.
const HEIGHT: f64 = 64.0;
const STEP: i64 = 10;

/// Corrected records, a day per bar.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/drift_chart.html")]
pub(crate) struct Chart {
    bars: Vec<Bar>,
    most: String,
    total: String,
}

/// One day.
#[derive(Clone, Debug)]
struct Bar {
    x: i64,
    day: String,
    title: String,
    pieces: Vec<Piece>,
    numbers: [u64; CAUSES.len()],
}

/// A part of a bar: one cause.
#[derive(Clone, Debug)]
struct Piece {
    class: &'static str,
    y: String,
    height: String,
}

impl Chart {
    /// The last `days`; none where nothing was corrected on any.
    pub(crate) fn new(told: &[DriftDay], days: u32, now: DateTime<Utc>) -> Option<Self> {
        let today = now.duration_trunc(TimeDelta::days(1)).unwrap_or(now);
        let counted: Vec<_> = (0..i64::from(days))
            .rev()
            .map(|back| today - TimeDelta::days(back))
            .map(|day| (day, numbers_of(told, day)))
            .collect();
        let sum = |numbers: &[u64; CAUSES.len()]| numbers.iter().sum::<u64>();
        let most = counted.iter().map(|(_, numbers)| sum(numbers)).max()?;
        if most == 0 {
            return None;
        }
        let total = counted.iter().map(|(_, numbers)| sum(numbers)).sum();
        let bars = counted
            .into_iter()
            .zip(0..)
            .map(|((day, numbers), at)| Bar {
                x: at * STEP,
                day: day.format("%-d %b").to_string(),
                title: in_words(day, &numbers),
                pieces: pieces(&numbers, most),
                numbers,
            });
        Some(Self {
            bars: bars.collect(),
            most: numbers::count(most),
            total: numbers::counted(total, "record corrected", "records corrected"),
        })
    }

    fn width(&self) -> usize {
        self.bars.len() * 10
    }

    /// The causes that are drawn.
    fn causes(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let seen = |at: usize| self.bars.iter().any(|bar| bar.numbers[at] > 0);
        let all = CAUSES.into_iter().enumerate();
        all.filter(move |(at, _)| seen(*at)).map(|(_, cause)| {
            let (class, word, _) = words(cause);
            (class, word)
        })
    }

    #[expect(clippy::unused_self, reason = "a template asks its own value alone")]
    fn names(&self) -> [&'static str; CAUSES.len()] {
        CAUSES.map(|cause| words(cause).1)
    }
}

impl HtmlSafe for Chart {}

fn numbers_of(told: &[DriftDay], day: DateTime<Utc>) -> [u64; CAUSES.len()] {
    let is_it = |one: &&DriftDay| one.day.as_ref().and_then(|at| datetime(at).ok()) == Some(day);
    told.iter().find(is_it).map_or([0; CAUSES.len()], |one| {
        CAUSES.map(|cause| of_cause(&one.causes, cause))
    })
}

fn in_words(day: DateTime<Utc>, numbers: &[u64; CAUSES.len()]) -> String {
    let told: Vec<_> = CAUSES
        .iter()
        .zip(numbers)
        .filter(|(_, number)| **number > 0)
        .map(|(cause, number)| {
            format!(
                "{} {}",
                numbers::count(*number),
                words(*cause).1.to_lowercase()
            )
        })
        .collect();
    let told = if told.is_empty() {
        "nothing".to_owned()
    } else {
        told.join(", ")
    };
    format!("{}: {told}", day.format("%-d %b"))
}

/// Stacked from the bottom. What there was at all is at least a line high.
#[expect(clippy::cast_precision_loss, reason = "a length on screen")]
fn pieces(numbers: &[u64; CAUSES.len()], most: u64) -> Vec<Piece> {
    let mut y = HEIGHT;
    let mut pieces = Vec::new();
    for (cause, number) in CAUSES.iter().zip(numbers) {
        if *number > 0 {
            let height = (*number as f64 * HEIGHT / most.max(1) as f64).max(1.5);
            y -= height;
            pieces.push(Piece {
                class: words(*cause).0,
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
    use harken_contracts::wire::sync::v1::{DriftCause, DriftCount};

    use super::*;

    #[test]
    fn the_last_bar_is_today_and_days_before_the_period_are_left_out() {
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
        let chart = Chart::new(&told, 7, now).unwrap();
        assert_eq!(chart.bars.len(), 7);
        assert_eq!(chart.total, "12 records corrected");
        assert_eq!(chart.bars[6].pieces[0].height, "64.0");
        assert!(chart.bars[5].title.ends_with(": 4 not here"));
        assert!(Chart::new(&told[..1], 7, now).is_none());
    }
}
