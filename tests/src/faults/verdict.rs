use std::time::Duration;

use crate::ledger::{Attempt, Audit};

/// What was found when a fault came.
#[derive(Debug, Default)]
pub struct Verdict {
    findings: Vec<Finding>,
}

#[derive(Debug)]
struct Finding {
    words: String,
    is_met: bool,
    is_about_time: bool,
}

impl Verdict {
    /// What has to be, whoever watches.
    pub fn expect(&mut self, is_met: bool, words: impl Into<String>) {
        self.findings.push(Finding {
            words: words.into(),
            is_met,
            is_about_time: false,
        });
    }

    /// What has to be on a machine that has time.
    pub fn expect_within(&mut self, took: Duration, at_most: Duration, what: &str) {
        let words = format!(
            "{what} {:.0} ms (≤ {:.0})",
            took.as_secs_f64() * 1000.0,
            at_most.as_secs_f64() * 1000.0
        );
        self.findings.push(Finding {
            words,
            is_met: took <= at_most,
            is_about_time: true,
        });
    }

    /// I1 to I4.
    pub fn expect_sound(&mut self, audit: &Audit) {
        self.expect(true, audit.words());
        for violation in &audit.violations {
            self.expect(false, violation.clone());
        }
    }

    /// Every sending was answered 2xx.
    pub fn expect_all_taken<'a>(&mut self, attempts: impl Iterator<Item = &'a Attempt>) {
        let (mut taken, mut other) = (0, Vec::new());
        for attempt in attempts {
            if attempt.is_success() {
                taken += 1;
            } else {
                other.push(format!("{:?}", attempt.answer));
            }
        }
        let refused = other.len();
        let some = other.first().cloned().unwrap_or_default();
        let words = match refused {
            0 => format!("{taken} answers, all 2xx"),
            _ => format!(
                "{refused} of {} answers not 2xx, such as {some}",
                taken + refused
            ),
        };
        self.expect(refused == 0, words);
    }

    /// Whether all is as it has to be.
    pub fn passes(&self) -> bool {
        self.findings.iter().all(|finding| finding.is_met)
    }

    /// What is not as it has to be, time aside.
    pub fn faults(&self) -> Vec<&str> {
        let faults = self
            .findings
            .iter()
            .filter(|finding| !finding.is_met && !finding.is_about_time);
        faults.map(|finding| finding.words.as_str()).collect()
    }

    /// All that was found, in words; what fails is marked.
    pub fn words(&self) -> Vec<String> {
        let mark = |finding: &Finding| if finding.is_met { "" } else { "✗ " };
        let words = self.findings.iter();
        words
            .map(|finding| format!("{}{}", mark(finding), finding.words))
            .collect()
    }
}

/// The longest that any answer took.
pub(super) fn slowest<'a>(attempts: impl Iterator<Item = &'a Attempt>) -> Duration {
    attempts
        .map(|attempt| attempt.took)
        .max()
        .unwrap_or_default()
}

/// What 99 of 100 answers stayed below.
pub(super) fn p99<'a>(attempts: impl Iterator<Item = &'a Attempt>) -> Duration {
    let mut took: Vec<Duration> = attempts.map(|attempt| attempt.took).collect();
    took.sort_unstable();
    let place = took.len() * 99 / 100;
    took.get(place.min(took.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}

/// How many were kept where.
pub(super) fn kept<'a>(attempts: impl Iterator<Item = &'a Attempt>) -> String {
    let mut places = std::collections::BTreeMap::<&str, usize>::new();
    for answer in attempts.filter_map(|attempt| attempt.answer.as_ref().ok()) {
        if let Some(place) = answer.kept.as_deref() {
            *places.entry(place).or_default() += 1;
        }
    }
    let words = places
        .iter()
        .map(|(place, count)| format!("{count} {place}"));
    format!("kept: {}", words.collect::<Vec<_>>().join(", "))
}
