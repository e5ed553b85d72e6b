//! `make chaos`: the table of faults, run against real processes, with verdicts.
//!
//! Words on the command line choose rows (`row7`, `7`); `--long` lets faults last as long as they may in a bad night.

mod report;

use std::env;
use std::process::ExitCode;

use anyhow::{Result, bail};
use harken_system_tests::faults::{FAULTS, Fault, Scale, Verdict};
use tokio::time::Instant;

use report::{Report, complain};

/// What the command line asks for.
struct Wish {
    rows: Vec<&'static Fault>,
    scale: Scale,
}

#[tokio::main]
async fn main() -> ExitCode {
    let wish = match Wish::read(env::args().skip(1)) {
        Ok(wish) => wish,
        Err(why) => {
            complain(&why.to_string());
            return ExitCode::from(64);
        }
    };
    let mut report = Report::default();
    let mut deployment = None;
    for fault in &wish.rows {
        let begun = Instant::now();
        complain(&format!("row {}: {}", fault.number, fault.what));
        let verdict = fault.run(&mut deployment, wish.scale).await;
        if !verdict.as_ref().is_ok_and(Verdict::passes) {
            // What one row broke must not count against the next.
            deployment = None;
        }
        report.take(fault, verdict, begun.elapsed());
    }
    report.conclude()
}

impl Wish {
    fn read(words: impl Iterator<Item = String>) -> Result<Self> {
        let mut wish = Self {
            rows: Vec::new(),
            scale: Scale::Usual,
        };
        for word in words {
            match word.as_str() {
                "--long" => wish.scale = Scale::Long,
                "--brief" => wish.scale = Scale::Brief,
                // Cargo's own.
                "--bench" => {}
                row => wish.rows.push(fault(row)?),
            }
        }
        if wish.rows.is_empty() {
            wish.rows = FAULTS.iter().collect();
        }
        Ok(wish)
    }
}

fn fault(word: &str) -> Result<&'static Fault> {
    let number = word.trim_start_matches("row").parse().ok();
    if let Some(fault) = number.and_then(Fault::numbered) {
        return Ok(fault);
    }
    let rows: Vec<String> = FAULTS.iter().map(|row| row.number.to_string()).collect();
    bail!("there is no row {word}; there are {}", rows.join(", "))
}
