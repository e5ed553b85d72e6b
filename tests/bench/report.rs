use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::Measured;
use crate::machine::Machine;

/// Everything that was measured, in its order.
#[derive(Default)]
pub(crate) struct Report {
    made: Vec<(&'static str, Measurement)>,
    not_made: Vec<(&'static str, String)>,
}

/// The lines of one measurement.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Measurement {
    lines: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Line {
    what: String,
    value: f64,
    unit: Unit,
    /// What it is measured against, or how.
    beside: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    goal: Option<Goal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_met: Option<bool>,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    Count,
    /// Of one.
    Share,
    /// How many times the other.
    Times,
    Secs,
    Millis,
    Mebibytes,
    Kilobytes,
    PerSec,
}

/// What a number should be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

#[derive(Serialize)]
struct Kept<'a> {
    name: &'a str,
    machine: &'a Machine,
    #[serde(flatten)]
    measurement: &'a Measurement,
}

impl Measurement {
    /// A number and what it stands beside.
    pub(crate) fn say(&mut self, what: impl Into<String>, value: f64, unit: Unit, beside: impl Into<String>) {
        self.line(what.into(), value, unit, beside.into(), None);
    }

    /// The same, held against a goal.
    pub(crate) fn hold(
        &mut self,
        what: impl Into<String>,
        (value, goal): (f64, Goal),
        unit: Unit,
        beside: impl Into<String>,
    ) {
        self.line(what.into(), value, unit, beside.into(), Some(goal));
    }

    /// Takes the lines of another in, each under a common word.
    pub(crate) fn append(&mut self, under: &str, other: Self) {
        self.lines.extend(other.lines.into_iter().map(|line| Line {
            what: format!("{under}: {}", line.what),
            ..line
        }));
    }

    fn line(&mut self, what: String, value: f64, unit: Unit, beside: String, goal: Option<Goal>) {
        self.lines.push(Line {
            what,
            value,
            unit,
            beside,
            is_met: goal.map(|goal| goal.is_met(value)),
            goal,
        });
    }
}

impl Goal {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }

    fn words(self, unit: Unit) -> String {
        match self {
            Self::AtLeast(least) => format!("≥ {}", unit.words(least)),
            Self::AtMost(most) => format!("≤ {}", unit.words(most)),
        }
    }
}

impl Unit {
    fn words(self, value: f64) -> String {
        match self {
            Self::Count => grouped(value, 0),
            Self::Share => format!("{:.1} %", value * 100.0),
            Self::Times => format!("{value:.2} ×"),
            Self::Secs => format!("{value:.2} s"),
            Self::Millis => format!("{value:.2} ms"),
            Self::Mebibytes => format!("{value:.0} MiB"),
            Self::Kilobytes => format!("{value:.1} kB"),
            Self::PerSec => format!("{} /s", grouped(value, 0)),
        }
    }
}

impl Report {
    /// Keeps a measurement, or why there is none.
    pub(crate) fn take(&mut self, name: &'static str, measured: Measured) {
        match measured.and_then(|measurement| keep(name, &measurement).map(|()| measurement)) {
            Ok(measurement) => self.made.push((name, measurement)),
            Err(why) => self.not_made.push((name, format!("{why:#}"))),
        }
    }

    /// Prints one table; fails only where a measurement could not be made.
    pub(crate) fn conclude(self) -> ExitCode {
        let mut rows = vec![["", "MEASURED", "VALUE", "GOAL", "BESIDE"].map(str::to_owned)];
        for (name, measurement) in &self.made {
            for (at, line) in measurement.lines.iter().enumerate() {
                rows.push(line.cells(if at == 0 { name } else { "" }));
            }
        }
        say(&format!("\n{}\n", Machine::this()));
        say(&aligned(&rows));
        let missed: Vec<String> = self.made.iter().flat_map(|(name, it)| it.missed(name)).collect();
        if !missed.is_empty() {
            say(&format!("missed:\n{}", missed.join("\n")));
        }
        for (name, why) in &self.not_made {
            complain(&format!("{name} could not be measured: {why}"));
        }
        if self.not_made.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

impl Measurement {
    fn missed(&self, name: &str) -> Vec<String> {
        let missed = self.lines.iter().filter(|line| line.is_met == Some(false));
        missed
            .map(|line| {
                let goal = line.goal.map(|goal| goal.words(line.unit)).unwrap_or_default();
                format!("  {name}: {} is {}, the goal is {goal}", line.what, line.unit.words(line.value))
            })
            .collect()
    }
}

impl Line {
    fn cells(&self, name: &str) -> [String; 5] {
        let goal = self.goal.map(|goal| goal.words(self.unit)).unwrap_or_default();
        let verdict = match self.is_met {
            Some(true) => format!("{goal} ✓"),
            Some(false) => format!("{goal} missed"),
            None => goal,
        };
        [name.to_owned(), self.what.clone(), self.unit.words(self.value), verdict, self.beside.clone()]
    }
}

/// `<target>/bench/<name>.json`
fn keep(name: &str, measurement: &Measurement) -> Result<()> {
    let folder = folder()?;
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let file = folder.join(format!("{name}.json"));
    let machine = Machine::this();
    let kept = Kept { name, machine: &machine, measurement };
    let text = serde_json::to_string_pretty(&kept)?;
    fs::write(&file, text + "\n").with_context(|| format!("cannot write {}", file.display()))
}

/// Beside the profile's folder that holds this program.
fn folder() -> Result<PathBuf> {
    let ours = env::current_exe()?;
    let target = ours.ancestors().nth(3).context("this program lies in no target folder")?;
    Ok(target.join("bench"))
}

fn aligned(rows: &[[String; 5]]) -> String {
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..5).map(width).collect();
    let mut text = String::new();
    for [name, what, value, goal, beside] in rows {
        let line = format!(
            "{name:<0$}  {what:<1$}  {value:>2$}  {goal:<3$}  {beside}",
            widths[0], widths[1], widths[2], widths[3]
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// With a comma between thousands.
pub(crate) fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if rest.is_empty() { grouped } else { format!("{grouped}.{rest}") }
}

#[expect(clippy::print_stdout, reason = "this is the program's answer")]
fn say(text: &str) {
    println!("{text}");
}

/// Says on standard error what is going on.
#[expect(clippy::print_stderr, reason = "whoever waits wants to know")]
pub(crate) fn complain(text: &str) {
    eprintln!("{text}");
}
