//! How much of the permitted rate a first import uses, and what it costs.

use std::time::Duration;

use harken_contracts::wire::sync::v1::Run;
use harken_domain::Clock;

use crate::Measured;
use crate::client::Client;
use crate::gauge::{Work, peak_memory_mib};
use crate::house::House;
use crate::intercom::{Asked, Intercom, Truth};
use crate::measurement::{Goal, Measurement, Unit};
use crate::report::complain;
use crate::workspace::{import, rows_written, run_secs};

const RATE_PER_MINUTE: u32 = 10_000;
const WINDOW_MS: i64 = 10_000;

/// A workspace to import.
struct Case {
    words: &'static str,
    contacts: &'static str,
    conversations: &'static str,
    latency_ms: u64,
    /// The one that goals are for; the others inform.
    is_judged: bool,
}

const CASES: [Case; 3] = [
    Case {
        words: "2,000 conversations",
        contacts: "500",
        conversations: "2000",
        latency_ms: 0,
        is_judged: true,
    },
    Case {
        words: "each answer 200 ms late",
        contacts: "500",
        conversations: "2000",
        latency_ms: 200,
        is_judged: false,
    },
    Case {
        words: "10,000 conversations",
        contacts: "2500",
        conversations: "10000",
        latency_ms: 0,
        is_judged: false,
    },
];

pub(crate) async fn measure() -> Measured {
    let mut measurement = Measurement::default();
    for case in &CASES {
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
    harken_ms: f64,
    shares: String,
}

impl Case {
    async fn measure(&self) -> Measured {
        let rate = RATE_PER_MINUTE.to_string();
        let mut house = House::open(&[
            "--contacts",
            self.contacts,
            "--conversations",
            self.conversations,
            "--rate-per-minute",
            &rate,
        ])
        .await;
        let intercom = Intercom::of(&house)?;
        if self.latency_ms > 0 {
            intercom.answer_later(self.latency_ms).await?;
        }
        let truth = intercom.truth().await?;
        let client = Client::of(&house);
        intercom.forget_what_was_asked().await?;
        begin_of_a_window().await;
        let before = Work::so_far(&house);
        let run = import(&client).await?;
        let after = Work::so_far(&house);
        let outcome = Outcome {
            truth,
            asked: intercom.asked().await?,
            run,
            peak_mib: peak_memory_mib(&house)?,
            harken_ms: after.since(&before, "harken"),
            shares: after.shares_since(&before),
        };
        house.stop().await;
        self.lines(&outcome)
    }

    fn lines(&self, outcome: &Outcome) -> Measured {
        let Outcome {
            truth,
            asked,
            run,
            peak_mib,
            harken_ms,
            shares,
        } = outcome;
        let mut said = Measurement::default();
        let permitted = truth.permitted_requests() as f64;
        let requests = asked.requests as f64;
        let share = asked.per_minute() / f64::from(RATE_PER_MINUTE);
        let rate = "10,000 a minute; from the first request, made as a window begins, to the last";
        let by_formula = format!("{permitted} by the formula; {requests} made");
        if self.is_judged {
            said.hold(
                "share of the permitted rate",
                (share, Goal::AtLeast(0.9)),
                Unit::Share,
                rate,
            );
            let goal = Goal::AtMost(1.02);
            said.hold(
                "requests to those permitted",
                (requests / permitted, goal),
                Unit::Times,
                by_formula,
            );
            let refused = asked.too_many_requests as f64;
            said.hold("answers 429", (refused, Goal::AtMost(0.0)), Unit::Count, "");
        } else {
            said.say("share of the permitted rate", share, Unit::Share, rate);
            said.say(
                "requests to those permitted",
                requests / permitted,
                Unit::Times,
                by_formula,
            );
            said.say(
                "answers 429",
                asked.too_many_requests as f64,
                Unit::Count,
                "",
            );
        }
        if let Some(used) = asked.use_of_whole_windows(f64::from(RATE_PER_MINUTE)) {
            said.say(
                "use of windows before the last",
                used,
                Unit::Share,
                "1,667 each; 1 in 20 is left to people",
            );
        }
        let rows = rows_written(run) as f64;
        let took = format!(
            "{rows} rows; {:.1} s from start to end of the run",
            run_secs(run)?
        );
        said.say(
            "harken's CPU for 1,000 rows",
            harken_ms / rows * 1000.0,
            Unit::Millis,
            took,
        );
        said.say(
            "peak memory of harken",
            *peak_mib,
            Unit::Mebibytes,
            format!("CPU s: {shares}"),
        );
        Ok(said)
    }
}

/// Waits until one of Intercom's windows has just begun: the moment at which an import of a given size takes longest
/// for its number of requests.
async fn begin_of_a_window() {
    let now = Clock::system().now().timestamp_millis();
    let left = WINDOW_MS - now.rem_euclid(WINDOW_MS);
    tokio::time::sleep(Duration::from_millis(left.unsigned_abs())).await;
}
