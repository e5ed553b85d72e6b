//! What syncs had to correct, by cause and day.

mod chart;

use askama::Template;
use chrono::{DateTime, Utc};
use harken_contracts::wire::sync::v1::{Drift, DriftCause, DriftCount};

use crate::rules::numbers;
use crate::views::bars::Bars;
use crate::views::connection_head::ConnectionHead;
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::level::Level;

/// Periods to choose from, in days.
pub(crate) const PERIODS: [(u32, &str); 3] = [(7, "7 days"), (30, "30 days"), (90, "90 days")];

/// What syncs had to correct.
#[derive(Debug, Template)]
#[template(path = "pages/drift.html")]
pub(crate) struct DriftPage {
    pub(crate) frame: Frame,
    pub(crate) head: ConnectionHead,
    /// Each period, and whether it is shown.
    pub(crate) periods: Vec<(u32, &'static str, bool)>,
    /// None while sync does not answer.
    pub(crate) told: Option<Told>,
}

/// The numbers, with a verdict.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) level: Level,
    pub(crate) verdict: String,
    pub(crate) more: String,
    /// None where there is nothing to draw.
    pub(crate) chart: Option<Bars>,
    pub(crate) causes: Vec<CauseRow>,
}

/// One cause, with what it means.
#[derive(Clone, Debug)]
pub(crate) struct CauseRow {
    pub(crate) class: &'static str,
    pub(crate) word: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) count: String,
}

/// Causes in the order in which they are shown.
const CAUSES: [DriftCause; 4] = [
    DriftCause::Missing,
    DriftCause::Stale,
    DriftCause::Gone,
    DriftCause::Untold,
];

impl Told {
    pub(crate) fn new(drift: &Drift, is_high: bool, days: u32, now: DateTime<Utc>) -> Self {
        let should_have_been_told: u64 = CAUSES[..3]
            .iter()
            .map(|cause| of_cause(&drift.causes, *cause))
            .sum();
        let (level, verdict) = verdict(should_have_been_told, drift.records_compared, is_high);
        let compared = numbers::counted(drift.records_compared, "record was", "records were");
        Self {
            level,
            verdict,
            more: format!("{compared} compared over the last {days} days."),
            chart: chart::chart(&drift.days, days, now),
            causes: CauseRow::all(&drift.causes),
        }
    }
}

impl CauseRow {
    fn all(counts: &[DriftCount]) -> Vec<Self> {
        CAUSES
            .into_iter()
            .map(|cause| Self::new(cause, of_cause(counts, cause)))
            .collect()
    }

    /// Those causes of which there was something.
    pub(crate) fn found(counts: &[DriftCount]) -> Vec<Self> {
        CAUSES
            .into_iter()
            .map(|cause| (cause, of_cause(counts, cause)))
            .filter(|(_, count)| *count > 0)
            .map(|(cause, count)| Self::new(cause, count))
            .collect()
    }

    fn new(cause: DriftCause, count: u64) -> Self {
        let (class, word, meaning) = words(cause);
        Self {
            class,
            word,
            meaning,
            count: numbers::count(count),
        }
    }
}

/// Style class, name and meaning of a cause.
const fn words(cause: DriftCause) -> (&'static str, &'static str, &'static str) {
    match cause {
        DriftCause::Missing => (
            "drift-missing",
            "Not here",
            "Intercom had a record of which no notification had told. Look whether its topic is among those under Webhooks.",
        ),
        DriftCause::Stale => (
            "drift-stale",
            "Out of date",
            "A newer state of a record had not been told: its notification was lost or is still on its way.",
        ),
        DriftCause::Gone => (
            "drift-gone",
            "Gone at Intercom",
            "A record was still here that is deleted at Intercom. It was deleted here too.",
        ),
        DriftCause::Untold | DriftCause::Unspecified => (
            "drift-untold",
            "Never told",
            "Titles, attributes and service levels change without any notification. That is how Intercom works; nothing is wrong.",
        ),
    }
}

fn of_cause(counts: &[DriftCount], cause: DriftCause) -> u64 {
    counts
        .iter()
        .filter(|one| one.cause() == cause)
        .map(|one| one.count)
        .sum()
}

fn verdict(corrected: u64, compared: u64, is_high: bool) -> (Level, String) {
    let records = numbers::counted(corrected, "record", "records");
    if is_high {
        (
            Level::AtRisk,
            "Notifications cannot be relied on: much had to be corrected over the last day"
                .to_owned(),
        )
    } else if corrected > 0 {
        (
            Level::NotApplicable,
            format!("{records} had to be corrected, and are right now"),
        )
    } else if compared > 0 {
        (
            Level::Healthy,
            "Nothing that notifications should have told had to be corrected".to_owned(),
        )
    } else {
        (Level::NotApplicable, "Nothing was compared yet".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_is_green_only_where_something_was_compared_and_nothing_corrected() {
        for (corrected, compared, is_high, level) in [
            (0, 0, false, Level::NotApplicable),
            (0, 100, false, Level::Healthy),
            (3, 100, false, Level::NotApplicable),
            (30, 100, true, Level::AtRisk),
        ] {
            assert_eq!(verdict(corrected, compared, is_high).0, level);
        }
    }

    #[test]
    fn what_intercom_tells_nobody_is_not_held_against_notifications() {
        let drift = Drift {
            causes: vec![DriftCount {
                cause: DriftCause::Untold.into(),
                count: 12,
            }],
            records_compared: 100,
            ..Drift::default()
        };
        let told = Told::new(&drift, false, 7, DateTime::UNIX_EPOCH);
        assert_eq!(told.level, Level::Healthy);
        assert_eq!(told.causes[3].count, "12");
        assert!(told.chart.is_none());
    }
}
