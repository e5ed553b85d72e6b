use askama::Template;
use askama::filters::HtmlSafe;
use chrono::{DateTime, TimeDelta, Utc};
use harken_contracts::convert::datetime;
use harken_contracts::wire::sync::v1::{Run, RunCounts, RunState};

use crate::rules::sentence::sentence;
use crate::rules::{numbers, span};
use crate::views::icon::Icon;
use crate::views::last_run::brought;

/// How long the end of a run stays news.
const NEWS: TimeDelta = TimeDelta::hours(24);

/// What every page says about the run that goes on, or the one that ended last.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/banner.html")]
pub(crate) struct Banner {
    run_id: String,
    form_token: String,
    return_to: String,
    told: Told,
}

#[derive(Clone, Debug)]
enum Told {
    Queued,
    Running(Progress),
    Complete { brought: String },
    Gaps { brought: String, gaps: String },
    Failed { reason: String },
}

#[derive(Clone, Debug)]
pub(crate) struct Progress {
    /// What it is at: `1,240 of 2,000 conversations`.
    pub(crate) at: String,
    pub(crate) rate: Option<String>,
    pub(crate) left: Option<String>,
    pub(crate) percent: Option<u64>,
    kinds: Vec<KindProgress>,
}

/// How far a run is with one kind of record.
#[derive(Clone, Debug)]
pub(crate) struct KindProgress {
    pub(crate) kind: String,
    pub(crate) numbers: String,
    pub(crate) done: bool,
}

impl Banner {
    /// The banner of a run; none where the run is no news any more.
    pub(crate) fn new(
        run: &Run,
        now: DateTime<Utc>,
        form_token: String,
        return_to: String,
    ) -> Option<Self> {
        let is_news = || {
            let ended = run.ended_at.as_ref().and_then(|at| datetime(at).ok());
            ended.is_some_and(|at| now - at < NEWS)
        };
        let told = match run.state() {
            RunState::Queued => Told::Queued,
            RunState::Running => Told::Running(progress(run)),
            RunState::Complete if is_news() => Told::Complete {
                brought: brought(run),
            },
            RunState::CompleteWithGaps if is_news() => Told::Gaps {
                brought: brought(run),
                gaps: numbers::counted(run.gap_count, "record", "records"),
            },
            RunState::Failed if is_news() => Told::Failed {
                reason: sentence(&run.reason),
            },
            _ => return None,
        };
        Some(Self {
            run_id: run.run_id.clone(),
            form_token,
            return_to,
            told,
        })
    }

    fn tone(&self) -> &'static str {
        match self.told {
            Told::Queued | Told::Running(_) => "busy",
            Told::Complete { .. } => "good",
            Told::Gaps { .. } => "warn",
            Told::Failed { .. } => "bad",
        }
    }

    fn is_over(&self) -> bool {
        !matches!(self.told, Told::Queued | Told::Running(_))
    }
}

impl HtmlSafe for Banner {}

/// How far a run is, kind by kind, in the order in which it reads them.
pub(crate) fn kinds(run: &Run) -> Vec<KindProgress> {
    run.counts
        .iter()
        .map(|counts| KindProgress {
            kind: counts.kind.clone(),
            numbers: match counts.total {
                Some(total) if total > counts.seen => {
                    format!(
                        "{} of {}",
                        numbers::count(counts.seen),
                        numbers::count(total)
                    )
                }
                _ => numbers::count(counts.seen),
            },
            done: is_done(counts),
        })
        .collect()
}

pub(crate) fn progress(run: &Run) -> Progress {
    // Kinds without a total, such as parts, say nothing about how much is left.
    let totalled = || {
        run.counts
            .iter()
            .filter_map(|counts| Some((counts.seen, counts.total?)))
    };
    let seen: u64 = totalled().map(|(seen, total)| seen.min(total)).sum();
    let total: u64 = totalled().map(|(_, total)| total).sum();
    // They are most of the work and come last: before they are counted, any share would be close to all.
    let conversations_are_counted = run
        .counts
        .iter()
        .any(|counts| counts.kind == "conversations" && counts.total.is_some());
    Progress {
        at: current(run).map_or_else(|| "asking Intercom what there is".to_owned(), at),
        rate: (run.rows_per_second >= 1.0)
            .then(|| format!("{} records/s", numbers::points(run.rows_per_second.round()))),
        left: run.eta_secs.map(span::left_in_words),
        percent: (conversations_are_counted && total > 0)
            .then(|| numbers::percent(seen, total).min(99)),
        kinds: kinds(run),
    }
}

/// The kind that a run is at: the last that it has begun and not finished. Parts come along with conversations.
fn current(run: &Run) -> Option<&RunCounts> {
    let begun = || {
        run.counts
            .iter()
            .rev()
            .filter(|counts| counts.seen > 0 && counts.kind != "parts")
    };
    begun()
        .find(|counts| !is_done(counts))
        .or_else(|| begun().next())
}

fn at(counts: &RunCounts) -> String {
    match counts.total {
        Some(total) => format!(
            "{} of {} {}",
            numbers::count(counts.seen),
            numbers::count(total),
            counts.kind
        ),
        None => format!("{} {}", numbers::count(counts.seen), counts.kind),
    }
}

fn is_done(counts: &RunCounts) -> bool {
    counts.total.is_some_and(|total| counts.seen >= total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(state: RunState) -> Run {
        Run {
            state: state.into(),
            counts: vec![
                RunCounts {
                    kind: "contacts".to_owned(),
                    seen: 512,
                    skipped: 12,
                    total: Some(512),
                    ..RunCounts::default()
                },
                RunCounts {
                    kind: "conversations".to_owned(),
                    seen: 1_240,
                    total: Some(2_000),
                    ..RunCounts::default()
                },
            ],
            rows_per_second: 481.7,
            eta_secs: Some(95),
            reason: "Intercom refused the token".to_owned(),
            gap_count: 3,
            ended_at: Some(prost_types::Timestamp::default()),
            ..Run::default()
        }
    }

    fn html(run: &Run, hours_later: i64) -> Option<String> {
        let now = DateTime::UNIX_EPOCH + TimeDelta::hours(hours_later);
        Banner::new(run, now, "t".to_owned(), "/".to_owned()).map(|banner| banner.to_string())
    }

    #[test]
    fn a_run_that_goes_on_shows_its_numbers_rate_and_time_left() {
        let html = html(&run(RunState::Running), 0).unwrap();
        for part in [
            "Syncing Intercom data…",
            "1,240 of 2,000 conversations",
            "482 records/s",
            "about 2 min left",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn no_share_is_shown_before_conversations_are_counted() {
        let mut early = run(RunState::Running);
        early.counts.pop();
        let html = html(&early, 0).unwrap();
        assert!(html.contains("Records read, total not known yet"), "{html}");
    }

    #[test]
    fn the_end_of_a_run_counts_contacts_without_those_left_out() {
        let html = html(&run(RunState::Complete), 1).unwrap();
        assert!(
            html.contains("Sync complete — 500 contacts imported."),
            "{html}"
        );
    }

    #[test]
    fn a_run_that_missed_something_is_never_called_complete_without_saying_so() {
        let html = html(&run(RunState::CompleteWithGaps), 1).unwrap();
        assert!(html.contains("3 records could not be read"), "{html}");
    }

    #[test]
    fn a_failed_run_says_why() {
        let html = html(&run(RunState::Failed), 1).unwrap();
        assert!(html.contains("Intercom refused the token"), "{html}");
    }

    #[test]
    fn an_end_is_no_news_after_a_day() {
        assert!(html(&run(RunState::Complete), 25).is_none());
        assert!(html(&run(RunState::Running), 25).is_some());
    }
}
