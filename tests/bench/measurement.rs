use serde::Serialize;

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

impl Measurement {
    /// A number and what it stands beside.
    pub(crate) fn say(
        &mut self,
        what: impl Into<String>,
        value: f64,
        unit: Unit,
        beside: impl Into<String>,
    ) {
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

    /// A number that has a goal, or has none.
    pub(crate) fn judge(
        &mut self,
        what: impl Into<String>,
        value: f64,
        goal: Option<Goal>,
        unit: Unit,
        beside: impl Into<String>,
    ) {
        self.line(what.into(), value, unit, beside.into(), goal);
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

    /// A row of words for each line.
    pub(crate) fn rows(&self, name: &str) -> Vec<[String; 5]> {
        let names = std::iter::once(name).chain(std::iter::repeat(""));
        names
            .zip(&self.lines)
            .map(|(name, line)| line.cells(name))
            .collect()
    }

    /// Goals that were not reached, in words.
    pub(crate) fn missed(&self, name: &str) -> Vec<String> {
        let missed = self.lines.iter().filter(|line| line.is_met == Some(false));
        missed
            .map(|line| {
                let goal = line
                    .goal
                    .map(|goal| goal.words(line.unit))
                    .unwrap_or_default();
                format!(
                    "  {name}: {} is {}, the goal is {goal}",
                    line.what,
                    line.unit.words(line.value)
                )
            })
            .collect()
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
            Self::Count => grouped(value),
            Self::Share => format!("{:.1} %", value * 100.0),
            Self::Times => format!("{value:.2} ×"),
            Self::Secs => format!("{value:.2} s"),
            Self::Millis => format!("{value:.2} ms"),
            Self::Mebibytes => format!("{value:.0} MiB"),
            Self::Kilobytes => format!("{value:.1} kB"),
            Self::PerSec => format!("{} /s", grouped(value)),
        }
    }
}

impl Line {
    fn cells(&self, name: &str) -> [String; 5] {
        let goal = self
            .goal
            .map(|goal| goal.words(self.unit))
            .unwrap_or_default();
        let verdict = match self.is_met {
            Some(true) => format!("{goal} ✓"),
            Some(false) => format!("{goal} missed"),
            None => goal,
        };
        [
            name.to_owned(),
            self.what.clone(),
            self.unit.words(self.value),
            verdict,
            self.beside.clone(),
        ]
    }
}

/// With a comma between thousands.
pub(crate) fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
