use std::time::Duration;

use harken_contracts::wire::sync::v1::{Run, RunCounts, RunState};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;

use super::{Output, count, decimal, json};
use crate::failure::Failure;

/// Least time between two lines where no terminal redraws them.
const LINE_EVERY: Duration = Duration::from_secs(2);

/// Shows how far a run is: bars at a terminal, else a line now and then, or an object each time for a program.
pub(crate) struct RunProgress {
    bars: Option<Bars>,
    last_line: Option<Instant>,
}

struct Bars {
    all: MultiProgress,
    kinds: Vec<(String, ProgressBar)>,
    pace: ProgressBar,
}

impl RunProgress {
    pub(crate) fn new(output: &Output) -> Self {
        let bars = output.is_terminal() && !output.is_json();
        Self {
            bars: bars.then(Bars::new),
            last_line: None,
        }
    }

    pub(crate) fn show(&mut self, run: &Run, output: &Output) -> Result<(), Failure> {
        if output.is_json() {
            return output.object(&json(run));
        }
        if let Some(bars) = &mut self.bars {
            bars.show(run);
            return Ok(());
        }
        if self
            .last_line
            .is_some_and(|last| last.elapsed() < LINE_EVERY)
        {
            return Ok(());
        }
        self.last_line = Some(Instant::now());
        output.line(line(run))
    }

    /// Leaves the terminal to what is printed next.
    pub(crate) fn end(self) {
        if let Some(bars) = self.bars {
            let _ = bars.all.clear();
        }
    }
}

impl Bars {
    fn new() -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let pace = all.add(ProgressBar::new_spinner().with_style(style("{spinner:.cyan} {msg}")));
        pace.enable_steady_tick(Duration::from_millis(120));
        Self {
            all,
            kinds: Vec::new(),
            pace,
        }
    }

    fn show(&mut self, run: &Run) {
        for counts in &run.counts {
            self.bar(&counts.kind).set_position(counts.seen);
            let bar = self.bar(&counts.kind);
            if let Some(total) = counts.total {
                bar.set_style(style(
                    "  {prefix:<14}{bar:32.cyan/black.bright} {human_pos:>11} of {human_len}",
                ));
                bar.set_length(total.max(counts.seen));
            }
        }
        self.pace.set_message(pace(run));
    }

    fn bar(&mut self, kind: &str) -> &ProgressBar {
        let place = self.kinds.iter().position(|(known, _)| known == kind);
        let place = place.unwrap_or_else(|| {
            let bar = ProgressBar::no_length().with_prefix(kind.to_owned());
            bar.set_style(style("  {prefix:<14}{human_pos:>11}"));
            self.kinds
                .push((kind.to_owned(), self.all.insert_before(&self.pace, bar)));
            self.kinds.len() - 1
        });
        &self.kinds[place].1
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn line(run: &Run) -> String {
    let kinds: Vec<String> = run
        .counts
        .iter()
        .filter(|counts| counts.seen > 0)
        .map(kind)
        .collect();
    let kinds = if kinds.is_empty() {
        "nothing read yet".to_owned()
    } else {
        kinds.join(", ")
    };
    format!("{kinds}; {}", pace(run))
}

fn kind(counts: &RunCounts) -> String {
    match counts.total {
        Some(total) => format!("{} {} of {}", counts.kind, count(counts.seen), count(total)),
        None => format!("{} {}", counts.kind, count(counts.seen)),
    }
}

fn pace(run: &Run) -> String {
    if run.state() == RunState::Queued {
        return "waiting for a worker".to_owned();
    }
    if !run.reason.is_empty() {
        return run.reason.clone();
    }
    if run.rows_per_second < 1.0 {
        return "reading".to_owned();
    }
    let rate = format!("{:.0} rows/s", run.rows_per_second);
    match run.eta_secs {
        Some(secs) => format!("{rate}, about {} left", duration(secs)),
        None => rate,
    }
}

/// Seconds as a person says them.
fn duration(secs: u64) -> String {
    match secs {
        0..=99 => format!("{secs} s"),
        100..=5_999 => format!("{} min", secs.div_ceil(60)),
        _ => format!(
            "{} h",
            decimal(Duration::from_secs(secs).as_secs_f64() / 3_600.0)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_numbers_pace_and_time_left() {
        let counts = |kind: &str, seen, total| RunCounts {
            kind: kind.to_owned(),
            seen,
            total,
            ..RunCounts::default()
        };
        let run = Run {
            state: RunState::Running.into(),
            counts: vec![
                counts("contacts", 1_500, Some(12_000)),
                counts("tags", 7, None),
                counts("companies", 0, None),
            ],
            rows_per_second: 250.0,
            eta_secs: Some(42),
            ..Run::default()
        };
        assert_eq!(
            line(&run),
            "contacts 1,500 of 12,000, tags 7; 250 rows/s, about 42 s left"
        );
    }

    #[test]
    fn durations_grow_coarser() {
        assert_eq!(duration(42), "42 s");
        assert_eq!(duration(600), "10 min");
        assert_eq!(duration(9_000), "2.5 h");
    }
}
