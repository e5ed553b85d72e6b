//! `make bench`: what the release binary does, beside a limit that is measured in the same run on the same machine.
//!
//! Each measurement starts `harken up` with a folder and ports of its own. Words on the command line choose
//! measurements: `cargo bench --package harken-system-tests --bench ratios -- sync_rate`, or `sync_rate.late` for one case.

#![expect(
    clippy::unwrap_used,
    reason = "the houses of the stories fall where they stand; here that is caught"
)]
#![expect(
    clippy::cast_precision_loss,
    reason = "numbers for people, far below what a float counts exactly"
)]

mod big_import;
mod cluster;
mod console;
mod console_list;
mod copy;
mod gauge;
mod incremental;
mod intercom;
mod live;
mod machine;
mod measurement;
mod report;
mod scoring;
mod size;
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
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use futures::FutureExt as _;

use measurement::Measurement;
use report::Report;

/// What can be measured. Those of the big workspace share one house.
const NAMES: [&str; 5] = [
    "sync_rate",
    "incremental",
    "big_import",
    "scoring",
    "console_list",
];
/// Those of them that are measured on the big workspace.
const OF_THE_BIG: [&str; 3] = ["big_import", "scoring", "console_list"];

/// What the command line asks for.
struct Wish(Vec<String>);

#[tokio::main]
async fn main() -> ExitCode {
    let wish = match Wish::read(env::args().skip(1)) {
        Ok(wish) => wish,
        Err(why) => {
            report::complain(&why.to_string());
            return ExitCode::from(64);
        }
    };
    // Clients of ours speak plain HTTP, and still want to know what they would encrypt with.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // What falls is told once, by the report.
    panic::set_hook(Box::new(|_| {}));
    let mut report = Report::default();
    if wish.names_part_of("sync_rate") {
        report.take("sync_rate", attempt(sync_rate::measure(&wish)).await);
    }
    if wish.names("incremental") {
        report.take("incremental", attempt(incremental::measure()).await);
    }
    if OF_THE_BIG.iter().any(|name| wish.names(name)) {
        big_workspace(&wish, &mut report).await;
    }
    if live::NAMES.iter().any(|name| wish.names(name)) {
        Box::pin(live::measure(&wish, &mut report)).await;
    }
    report.conclude()
}

impl Wish {
    /// Flags are cargo's.
    fn read(words: impl Iterator<Item = String>) -> Result<Self> {
        let names: Vec<String> = words.filter(|word| !word.starts_with('-')).collect();
        let known = [&NAMES[..], &live::NAMES, &sync_rate::NAMES].concat();
        if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
            let known = known.join(", ");
            bail!("there is no measurement {unknown}; there are {known}");
        }
        Ok(Self(names))
    }

    /// Whether a measurement is wanted: a case, `sync_rate.late`, also where its measurement is.
    fn names(&self, name: &str) -> bool {
        let whole = name.split('.').next().unwrap_or(name);
        self.0.is_empty() || self.0.iter().any(|named| named == name || named == whole)
    }

    /// Whether a measurement is wanted, or a case of it.
    fn names_part_of(&self, whole: &str) -> bool {
        let case_of = |named: &String| named.split('.').next() == Some(whole);
        self.0.is_empty() || self.0.iter().any(case_of)
    }
}

/// Imports the big workspace once and measures on it what is wanted.
async fn big_workspace(wish: &Wish, report: &mut Report) {
    let (mut big, imported) = match attempt(big_import::measure()).await {
        Ok(measured) => measured,
        Err(why) => return report.take("big_import", Err(why)),
    };
    if wish.names("big_import") {
        report.take("big_import", Ok(imported));
    }
    if wish.names("scoring") {
        report.take("scoring", attempt(scoring::measure(&big)).await);
    }
    if wish.names("console_list") {
        report.take("console_list", attempt(console_list::measure(&big)).await);
    }
    let stop = async {
        big.house.stop().await;
        Ok(())
    };
    if let Err(why) = attempt(stop).await {
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
