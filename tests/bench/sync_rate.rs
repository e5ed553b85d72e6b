//! How much of the permitted rate a first import uses, how long it takes, and what it costs the sync process.

use std::time::Duration;

use anyhow::Result;
use harken_contracts::wire::sync::v1::Run;
use harken_domain::Clock;

use crate::cluster::Cluster;
use crate::intercom::{Asked, Truth};
use crate::measurement::{Goal, Measurement, Unit};
use crate::report::complain;
use crate::workspace::{rows_written, run_secs};
use crate::{Measured, Wish};

const RATE_PER_MINUTE: u32 = 10_000;
const WINDOW_MS: i64 = 10_000;

/// A workspace to import.
struct Case {
    name: &'static str,
    words: &'static str,
    contacts: &'static str,
    conversations: &'static str,
    latency_ms: &'static str,
    /// Of a search, besides.
    search_latency_ms: &'static str,
    goals: Goals,
}

/// What is to be reached; the other numbers inform.
#[derive(Clone, Copy, Default)]
struct Goals {
    /// Of the permitted rate.
    share: Option<f64>,
    /// Requests to those of the formula.
    requests: Option<f64>,
    secs: Option<f64>,
    /// Processor time for 1,000 rows, and memory, of the sync process.
    cost: Option<(f64, f64)>,
}

/// What each case is called on the command line.
pub(crate) const NAMES: [&str; 4] = [CASES[0].name, CASES[1].name, CASES[2].name, CASES[3].name];

const CASES: [Case; 4] = [
    Case {
        name: "sync_rate.small",
        words: "2,000 conversations",
        contacts: "500",
        conversations: "2000",
        latency_ms: "0",
        search_latency_ms: "0",
        goals: Goals {
            share: Some(0.95),
            requests: Some(1.02),
            secs: None,
            cost: None,
        },
    },
    Case {
        name: "sync_rate.late",
        words: "each answer 200 ms late",
        contacts: "500",
        conversations: "2000",
        latency_ms: "200",
        search_latency_ms: "0",
        goals: Goals {
            share: Some(0.9),
            requests: Some(1.02),
            secs: None,
            cost: None,
        },
    },
    Case {
        name: "sync_rate.large",
        words: "10,000 conversations",
        contacts: "2500",
        conversations: "10000",
        latency_ms: "0",
        search_latency_ms: "0",
        goals: Goals {
            share: Some(0.95),
            requests: Some(1.02),
            secs: None,
            cost: Some((12.0, 60e6 / 1024.0 / 1024.0)),
        },
    },
    Case {
        name: "sync_rate.slow_searches",
        words: "1,500 contacts, 300 conversations, answers after 150 ms, searches after 900 ms",
        contacts: "1500",
        conversations: "300",
        latency_ms: "150",
        search_latency_ms: "750",
        goals: Goals {
            share: None,
            requests: Some(1.02),
            secs: Some(4.0),
            cost: None,
        },
    },
];

pub(crate) async fn measure(wish: &Wish) -> Measured {
    let mut measurement = Measurement::default();
    for case in CASES.iter().filter(|case| wish.names(case.name)) {
        complain(&format!("sync_rate: {}", case.words));
        measurement.append(case.words, case.measure().await?);
    }
    Ok(measurement)
}

/// What is known after an import.
struct Outcome {
    truth: Truth,
    asked: Asked,
    run: Run,
    peak_mib: f64,
    sync_ms: f64,
    vault_ms: f64,
}

impl Case {
    async fn measure(&self) -> Measured {
        let rate = RATE_PER_MINUTE.to_string();
        let mut cluster = Cluster::open(&[
            "--contacts",
            self.contacts,
            "--conversations",
            self.conversations,
            "--rate-per-minute",
            &rate,
            "--latency-ms",
            self.latency_ms,
            "--search-latency-ms",
            self.search_latency_ms,
        ])
        .await?;
        let truth = cluster.intercom.truth().await?;
        cluster.intercom.forget_what_was_asked().await?;
        begin_of_a_window().await;
        let before = (cluster.used_ms("sync")?, cluster.used_ms("vault")?);
        let run = cluster.import().await?;
        let after = (cluster.used_ms("sync")?, cluster.used_ms("vault")?);
        let outcome = Outcome {
            truth,
            asked: cluster.intercom.asked().await?,
            run,
            peak_mib: cluster.deployment.peak_memory_mib("sync")?,
            sync_ms: after.0 - before.0,
            vault_ms: after.1 - before.1,
        };
        self.lines(&outcome)
    }

    fn lines(&self, outcome: &Outcome) -> Measured {
        let mut said = Measurement::default();
        self.say_rate(&mut said, outcome);
        self.say_cost(&mut said, outcome)?;
        Ok(said)
    }

    fn say_rate(&self, said: &mut Measurement, outcome: &Outcome) {
        let Outcome { truth, asked, .. } = outcome;
        let permitted = truth.permitted_requests() as f64;
        let requests = asked.requests as f64;
        said.judge(
            "share of the permitted rate",
            asked.per_minute() / f64::from(RATE_PER_MINUTE),
            self.goals.share.map(Goal::AtLeast),
            Unit::Share,
            "10,000 a minute; from the first request, made as a window begins, to the last",
        );
        said.judge(
            "requests to those permitted",
            requests / permitted,
            self.goals.requests.map(Goal::AtMost),
            Unit::Times,
            format!("{permitted} by the formula; {requests} made"),
        );
        let refused = asked.too_many_requests as f64;
        said.hold("answers 429", (refused, Goal::AtMost(0.0)), Unit::Count, "");
        if let Some(used) = asked.use_of_whole_windows(f64::from(RATE_PER_MINUTE)) {
            said.say(
                "use of windows before the last",
                used,
                Unit::Share,
                "1,667 each; 1 in 20 is left to people",
            );
        }
    }

    fn say_cost(&self, said: &mut Measurement, outcome: &Outcome) -> Result<()> {
        let Outcome { run, .. } = outcome;
        let rows = rows_written(run) as f64;
        said.judge(
            "from start to end of the run",
            run_secs(run)?,
            self.goals.secs.map(Goal::AtMost),
            Unit::Secs,
            format!("{rows} rows"),
        );
        said.judge(
            "CPU of the sync process for 1,000 rows",
            outcome.sync_ms / rows * 1000.0,
            self.goals.cost.map(|(millis, _)| Goal::AtMost(millis)),
            Unit::Millis,
            format!("the vault's: {:.2} ms", outcome.vault_ms / rows * 1000.0),
        );
        said.judge(
            "peak memory of the sync process",
            outcome.peak_mib,
            self.goals
                .cost
                .map(|(_, mebibytes)| Goal::AtMost(mebibytes)),
            Unit::Mebibytes,
            "",
        );
        Ok(())
    }
}

/// Waits until one of Intercom's windows has just begun: the moment at which an import of a given size takes longest
/// for its number of requests.
async fn begin_of_a_window() {
    let now = Clock::system().now().timestamp_millis();
    let left = WINDOW_MS - now.rem_euclid(WINDOW_MS);
    tokio::time::sleep(Duration::from_millis(left.unsigned_abs())).await;
}
