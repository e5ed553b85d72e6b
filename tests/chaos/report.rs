use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use harken_system_tests::faults::{Fault, Verdict};

/// The table so far.
#[derive(Default)]
pub(crate) struct Report {
    lines: Vec<String>,
    failed: Vec<u32>,
}

impl Report {
    /// Keeps what a row showed, or why it could not be run.
    pub(crate) fn take(&mut self, fault: &Fault, verdict: Result<Verdict>, took: Duration) {
        let (passes, words) = match verdict {
            Ok(verdict) => (verdict.passes(), verdict.words()),
            Err(why) => (false, vec![format!("✗ could not be run: {why:#}")]),
        };
        let verdict = if passes { "pass" } else { "FAIL" };
        let mut lines = vec![format!(
            "{:>2}  {verdict}  {}\n          passes when: {} ({} s)",
            fault.number,
            fault.what,
            fault.passes_when,
            took.as_secs()
        )];
        lines.extend(words.iter().map(|words| format!("          {words}")));
        complain(&lines[1..].join("\n"));
        self.lines.extend(lines);
        if !passes {
            self.failed.push(fault.number);
        }
    }

    /// Prints the table; fails where a row did.
    pub(crate) fn conclude(self) -> ExitCode {
        say(&format!("\n #  verdict\n{}", self.lines.join("\n")));
        if self.failed.is_empty() {
            return ExitCode::SUCCESS;
        }
        let rows: Vec<String> = self.failed.iter().map(u32::to_string).collect();
        say(&format!("failed: row {}", rows.join(", ")));
        ExitCode::FAILURE
    }
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
