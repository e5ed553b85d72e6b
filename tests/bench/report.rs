use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::Measured;
use crate::machine::Machine;
use crate::measurement::Measurement;

/// Everything that was measured, in its order.
#[derive(Default)]
pub(crate) struct Report {
    made: Vec<(&'static str, Measurement)>,
    not_made: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct Kept<'a> {
    name: &'a str,
    machine: &'a Machine,
    #[serde(flatten)]
    measurement: &'a Measurement,
}

impl Report {
    /// Keeps a measurement, or why there is none.
    pub(crate) fn take(&mut self, name: &'static str, measured: Measured) {
        let kept = forget(name).and(measured).and_then(|measurement| {
            keep(name, &measurement)?;
            Ok(measurement)
        });
        match kept {
            Ok(measurement) => self.made.push((name, measurement)),
            Err(why) => self.not_made.push((name, format!("{why:#}"))),
        }
    }

    /// Prints one table; fails only where a measurement could not be made.
    pub(crate) fn conclude(self) -> ExitCode {
        if !self.made.is_empty() {
            say(&format!("\n{}\n\n{}", Machine::this(), self.table()));
        }
        let missed = self.made.iter().flat_map(|(name, it)| it.missed(name));
        let missed: Vec<String> = missed.collect();
        if !missed.is_empty() {
            say(&format!("missed:\n{}", missed.join("\n")));
        }
        for (name, why) in &self.not_made {
            complain(&format!("{name} could not be measured: {why}"));
        }
        if self.not_made.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    fn table(&self) -> String {
        let heads = ["", "MEASURED", "VALUE", "GOAL", "BESIDE"].map(str::to_owned);
        let rows = self.made.iter().flat_map(|(name, it)| it.rows(name));
        aligned(&std::iter::once(heads).chain(rows).collect::<Vec<_>>())
    }
}

fn keep(name: &str, measurement: &Measurement) -> Result<()> {
    let file = file(name)?;
    let machine = Machine::this();
    let kept = Kept {
        name,
        machine: &machine,
        measurement,
    };
    let text = serde_json::to_string_pretty(&kept)? + "\n";
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// What an earlier run measured is not what this one did.
fn forget(name: &str) -> Result<()> {
    let file = file(name)?;
    match fs::remove_file(&file) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => {
            Err(cause).with_context(|| format!("cannot remove {}", file.display()))
        }
        _ => Ok(()),
    }
}

/// `<target>/bench/<name>.json`: beside the profile's folder that holds this program.
fn file(name: &str) -> Result<PathBuf> {
    let ours = env::current_exe()?;
    let target = ours.ancestors().nth(3);
    let folder = target
        .context("this program lies in no target folder")?
        .join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder.join(format!("{name}.json")))
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

#[expect(clippy::print_stdout, reason = "this is the program's answer")]
fn say(text: &str) {
    println!("{text}");
}

/// Says on standard error what is going on.
#[expect(clippy::print_stderr, reason = "whoever waits wants to know")]
pub(crate) fn complain(text: &str) {
    eprintln!("{text}");
}
