//! The ledger in a page, and as an object.

use std::collections::BTreeMap;
use std::time::Duration;

use console::Style;
use serde::Serialize;

use super::histogram::Histogram;
use super::ledger::{Entry, Fate, Kept, Ledger};
use super::verdict::Verdict;
use crate::failure::Failure;
use crate::output::{Cell, Output, Table, count};

/// Everything a drill has to say.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) connection_id: String,
    pub(super) address: String,
    pub(super) seed: u64,
    pub(super) per_second: f64,
    pub(super) secs: f64,
    pub(super) notifications: u64,
    pub(super) requests: u64,
    /// Answers by status; `none` where none came in time.
    pub(super) answers: BTreeMap<String, u64>,
    pub(super) kept: BTreeMap<&'static str, u64>,
    pub(super) outcomes: BTreeMap<&'static str, u64>,
    /// From the moment a request was due to its answer.
    pub(super) answer_ms: Option<Percentiles>,
    /// From the first answer with 2xx to the commit of the effect.
    pub(super) freshness_ms: Option<Percentiles>,
    pub(super) verdicts: [Verdict; 4],
    pub(super) passed: bool,
}

/// Milliseconds that this share did not exceed.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Percentiles {
    p50: f64,
    p90: f64,
    p99: f64,
    p99_9: f64,
    max: f64,
}

impl Percentiles {
    pub(super) fn of(histogram: &Histogram) -> Option<Self> {
        let at = |share| histogram.quantile(share).map(millis);
        Some(Self {
            p50: at(0.5)?,
            p90: at(0.9)?,
            p99: at(0.99)?,
            p99_9: at(0.999)?,
            max: millis(histogram.most()?),
        })
    }
}

fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10_000.0).round() / 10.0
}

/// Answers by status.
pub(super) fn answers(ledger: &Ledger) -> BTreeMap<String, u64> {
    let word = |status: u16| match status {
        0 => "none".to_owned(),
        status => status.to_string(),
    };
    ledger
        .statuses
        .iter()
        .map(|(status, count)| (word(*status), *count))
        .collect()
}

pub(super) fn kept(ledger: &Ledger) -> BTreeMap<&'static str, u64> {
    [
        ("stream", Kept::Stream),
        ("spool", Kept::Spool),
        ("unsaid", Kept::Somewhere),
        ("quarantine", Kept::Quarantine),
        ("nowhere", Kept::Nowhere),
    ]
    .map(|(word, kept)| (word, ledger.count(|entry| entry.kept == kept)))
    .into()
}

pub(super) fn outcomes(ledger: &Ledger) -> BTreeMap<&'static str, u64> {
    let of = |fate| move |entry: &Entry| entry.fate == fate;
    [
        ("applied", Fate::Applied),
        ("superseded", Fate::Superseded),
        ("refetched", Fate::Refetched),
        ("ignored", Fate::Ignored),
        ("dead", Fate::Dead),
        ("unknown", Fate::Unknown),
    ]
    .map(|(word, fate)| (word, ledger.count(of(fate))))
    .into()
}

impl Report {
    pub(super) fn tell(&self, output: &Output) -> Result<(), Failure> {
        if output.is_json() {
            let report = serde_json::to_value(self).map_err(|cause| {
                Failure::other(format!("the report could not be written: {cause}"))
            })?;
            return output.object(&report);
        }
        output.table(&self.numbers())?;
        output.line("")?;
        output.table(&self.times())?;
        output.line("")?;
        output.table(&self.promises())?;
        let complaints = self.verdicts.iter().flat_map(|verdict| {
            let more = verdict.complaints.count - verdict.complaints.first.len() as u64;
            let more = (more > 0).then(|| format!("and {} more", count(more)));
            let each = verdict.complaints.first.iter().cloned().chain(more);
            each.map(move |complaint| format!("  {}  {complaint}", verdict.id))
        });
        for complaint in complaints {
            output.line(complaint)?;
        }
        Ok(())
    }

    fn numbers(&self) -> Table {
        let mut facts = Table::facts();
        facts.fact(
            "Drill",
            Cell::text(format!("{}, seed {}", self.connection_id, self.seed)),
        );
        facts.fact("Edge", Cell::text(&self.address));
        facts.fact(
            "Told",
            Cell::text(format!(
                "{} notifications by {} requests, {}/s for {:.0} s",
                count(self.notifications),
                count(self.requests),
                self.per_second,
                self.secs
            )),
        );
        facts.fact("Answers", Cell::text(listed(&self.answers)));
        facts.fact("Kept", Cell::text(listed(&self.kept)));
        facts.fact("Outcomes", Cell::text(listed(&self.outcomes)));
        facts
    }

    fn times(&self) -> Table {
        let mut table = Table::new(["MILLISECONDS", "P50", "P90", "P99", "P99.9", "MAX"]);
        for (what, times) in [
            ("due → answer", self.answer_ms),
            ("answer → applied", self.freshness_ms),
        ] {
            let cell = |pick: fn(&Percentiles) -> f64| {
                Cell::number(
                    times
                        .as_ref()
                        .map_or_else(|| "–".to_owned(), |times| format!("{:.1}", pick(times))),
                )
            };
            table.row([
                Cell::text(what),
                cell(|times| times.p50),
                cell(|times| times.p90),
                cell(|times| times.p99),
                cell(|times| times.p99_9),
                cell(|times| times.max),
            ]);
        }
        table
    }

    fn promises(&self) -> Table {
        let mut table = Table::new(["", "PROMISE", "", "FOUND"]);
        for verdict in &self.verdicts {
            let mark = if verdict.holds {
                Cell::text("✓ holds").styled(Style::new().green())
            } else {
                Cell::text("✗ broken").styled(Style::new().red())
            };
            table.row([
                Cell::text(verdict.id),
                Cell::text(verdict.promise),
                mark,
                Cell::sentence(&verdict.says),
            ]);
        }
        table
    }

    /// What a script is told: the promises that were broken.
    pub(super) fn conclude(&self) -> Result<(), Failure> {
        let broken: Vec<&str> = self
            .verdicts
            .iter()
            .filter(|verdict| !verdict.holds)
            .map(|verdict| verdict.id)
            .collect();
        if broken.is_empty() {
            return Ok(());
        }
        Err(Failure::other(format!(
            "the drill broke {}; see what it found above",
            broken.join(", ")
        )))
    }
}

fn listed<K: AsRef<str> + Ord>(counts: &BTreeMap<K, u64>) -> String {
    let mut some: Vec<(&str, u64)> = counts
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(word, count)| (word.as_ref(), *count))
        .collect();
    some.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let words: Vec<String> = some
        .into_iter()
        .map(|(word, many)| format!("{word} {}", count(many)))
        .collect();
    if words.is_empty() {
        "none".to_owned()
    } else {
        words.join(", ")
    }
}
