//! `make bench`: what the release binary does, beside a limit that is measured in the same run on the same machine.
//!
//! Each measurement starts `harken up` with a folder and ports of its own. Words on the command line choose
//! measurements: `cargo bench --package harken-system-tests --bench ratios -- sync_rate`.

#![expect(
    clippy::unwrap_used,
    reason = "the houses of the stories fall where they stand; here that is caught"
)]

mod big_import;
mod console;
mod console_list;
mod copy;
mod gauge;
mod intercom;
mod machine;
mod report;
mod scoring;
mod stores;
mod sync_rate;
mod timing;
mod workspace;

#[expect(dead_code, reason = "stories ask for more")]
#[path = "../system/client.rs"]
mod client;
#[expect(dead_code, reason = "stories ask for more")]
#[path = "../system/house.rs"]
mod house;
#[path = "../system/patience.rs"]
mod patience;
#[path = "../system/ports.rs"]
mod ports;
#[path = "../system/processes.rs"]
mod processes;

use std::any::Any;
use std::env;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use futures::FutureExt as _;

use report::{Measurement, Report};

/// What can be measured. Those of the big workspace share one house.
const NAMES: [&str; 4] = ["sync_rate", "big_import", "scoring", "console_list"];

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    if let Some(unknown) = words.iter().find(|word| !NAMES.contains(&word.as_str())) {
        report::complain(&format!(
            "there is no measurement {unknown}; there are {}",
            NAMES.join(", ")
        ));
        return ExitCode::from(64);
    }
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| word == name);
    let mut report = Report::default();
    if wanted("sync_rate") {
        report.take("sync_rate", attempt(sync_rate::measure()).await);
    }
    if NAMES[1..].iter().any(|name| wanted(name)) {
        big_workspace(&wanted, &mut report).await;
    }
    report.conclude()
}

/// Imports the big workspace once and measures on it what is wanted.
async fn big_workspace(wanted: &dyn Fn(&str) -> bool, report: &mut Report) {
    let imported = attempt(big_import::measure()).await;
    let (mut big, measured) = match imported {
        Ok((big, measured)) => (big, Ok(measured)),
        Err(why) => {
            report.take("big_import", Err(why));
            return;
        }
    };
    if wanted("big_import") {
        report.take("big_import", measured);
    }
    if wanted("scoring") {
        report.take("scoring", attempt(scoring::measure(&big)).await);
    }
    if wanted("console_list") {
        report.take("console_list", attempt(console_list::measure(&big)).await);
    }
    let stopped = async {
        big.house.stop().await;
        Ok(())
    };
    if let Err(why) = attempt(stopped).await {
        report::complain(&format!("the house did not stop: {why:#}"));
    }
}

/// Runs a measurement; one that falls is one that could not be made.
async fn attempt<T>(measure: impl Future<Output = Result<T>>) -> Result<T> {
    AssertUnwindSafe(measure)
        .catch_unwind()
        .await
        .unwrap_or_else(|fall| Err(anyhow!("{}", words_of(fall.as_ref()))))
}

fn words_of(fall: &(dyn Any + Send)) -> &str {
    let said = fall
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| fall.downcast_ref::<&str>().copied());
    said.unwrap_or("it fell without a word")
}

/// What a measurement yields.
type Measured = Result<Measurement>;
