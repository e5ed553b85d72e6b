//! The only place that prints.

mod csv;
mod destination;
mod json;
mod progress;
mod pulse;
mod table;
mod words;

use std::io::{self, Write as _};

use console::Term;
use harken_runtime::Environment;
use prost::{Message, Name};
use serde_json::Value;

use crate::failure::{Failure, FailureKind};

pub(crate) use csv::CsvRows;
pub(crate) use destination::{Destination, Writer};
pub(crate) use json::{fields, json};
pub(crate) use progress::RunProgress;
pub(crate) use pulse::Pulse;
pub(crate) use table::{Cell, Table};
pub(crate) use words::{count, decimal, level, many, moment, plain, when};

/// Where a command answers, and in which form.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    json: bool,
    colour: bool,
    out: Term,
}

impl Output {
    /// Answers on standard output, in colour where a person reads and did not ask for `NO_COLOR`.
    pub(crate) fn standard(json: bool, environment: &Environment) -> Self {
        let out = Term::stdout();
        let plain = environment.optional("NO_COLOR").is_some()
            || environment.optional("TERM") == Some("dumb");
        Self {
            json,
            colour: out.is_term() && !plain && !json,
            out,
        }
    }

    /// Whether the answer is for a program.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// Whether a person looks at a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.out.is_term()
    }

    /// Prints a line for a person.
    pub(crate) fn line(&self, text: impl AsRef<str>) -> Result<(), Failure> {
        Ok(self.out.write_line(text.as_ref())?)
    }

    /// Prints an object for a program, on one line.
    pub(crate) fn object(&self, value: &Value) -> Result<(), Failure> {
        self.line(value.to_string())
    }

    /// Prints a table for a person.
    pub(crate) fn table(&self, table: &Table) -> Result<(), Failure> {
        table
            .lines(self.colour)
            .iter()
            .try_for_each(|line| self.line(line))
    }

    /// Prints each message as an object if a program asked, else the table made of them.
    pub(crate) fn list<M: Message + Name>(
        &self,
        messages: &[M],
        table: impl FnOnce(&[M]) -> Table,
        if_none: &str,
    ) -> Result<(), Failure> {
        if self.json {
            return messages
                .iter()
                .try_for_each(|message| self.object(&json(message)));
        }
        if messages.is_empty() {
            return self.line(if_none);
        }
        self.table(&table(messages))
    }

    /// Says something beside the answer, for a person, on standard error.
    pub(crate) fn note(&self, text: &str) {
        if !self.json {
            let _ = writeln!(io::stderr(), "{text}");
        }
    }
}

/// Says on standard error why a command failed.
pub(crate) fn complain(failure: &Failure) {
    if failure.kind != FailureKind::NoReader {
        let _ = writeln!(io::stderr(), "harken: {failure}");
    }
}

/// Asks a person at the terminal for something that must not be seen.
pub(crate) fn ask_secret(question: &str) -> io::Result<String> {
    let terminal = Term::stderr();
    terminal.write_str(question)?;
    terminal.read_secure_line()
}

/// Asks a person at the terminal; only `yes` counts.
pub(crate) fn ask_yes(question: &str) -> io::Result<bool> {
    let terminal = Term::stderr();
    terminal.write_str(question)?;
    Ok(terminal.read_line()?.trim().eq_ignore_ascii_case("yes"))
}
