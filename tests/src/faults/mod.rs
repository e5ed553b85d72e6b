//! The table of faults: one file per row or family of rows, each run against real processes.

mod duplicates;
mod importing;
mod killed;
mod malformed;
mod poison;
mod reordered;
mod rotation;
mod signatures;
mod slow;
mod smuggled;
mod stores_away;
mod verdict;

use anyhow::Result;
use futures::future::LocalBoxFuture;

use crate::deployment::Deployment;

pub use verdict::Verdict;

/// How long a fault lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Long enough to be seen: for every run of the tests.
    Brief,
    /// Long enough to be measured.
    Usual,
    /// As long as it may last in a bad night.
    Long,
}

impl Scale {
    /// Picks by scale.
    const fn pick(self, brief: u32, usual: u32, long: u32) -> u32 {
        match self {
            Self::Brief => brief,
            Self::Usual => usual,
            Self::Long => long,
        }
    }
}

/// Where a row happens.
#[derive(Clone, Copy, Debug)]
enum Run {
    /// In a deployment that it may share with the rows before it.
    Within(for<'a> fn(&'a mut Deployment, Scale) -> LocalBoxFuture<'a, Result<Verdict>>),
    /// In deployments of its own, beside a simulated Intercom.
    Beside(fn(Scale) -> LocalBoxFuture<'static, Result<Verdict>>),
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Its number.
    pub number: u32,
    /// What goes wrong.
    pub what: &'static str,
    /// What has to be all the same.
    pub passes_when: &'static str,
    run: Run,
}

impl Fault {
    /// Lets it happen, and says what was found. `deployment` is what the rows before it shared, if anything is left.
    pub async fn run(&self, deployment: &mut Option<Deployment>, scale: Scale) -> Result<Verdict> {
        let run = match self.run {
            Run::Within(run) => run,
            Run::Beside(run) => {
                *deployment = None;
                return run(scale).await;
            }
        };
        let deployment = match deployment {
            Some(deployment) => deployment,
            None => deployment.insert(Deployment::open().await?),
        };
        let verdict = run(deployment, scale).await?;
        // An organization has only so many, and the next row wants its own.
        deployment.tenant().close_workspaces().await?;
        Ok(verdict)
    }

    /// The row of this number.
    pub fn numbered(number: u32) -> Option<&'static Self> {
        FAULTS.iter().find(|fault| fault.number == number)
    }
}

/// The table.
pub const FAULTS: &[Fault] = &[
    Fault {
        number: 1,
        what: "kill -9 each of our services in turn under load",
        passes_when: "I1-I4; recovery within 5 s",
        run: Run::Within(|deployment, scale| Box::pin(killed::run(deployment, scale))),
    },
    Fault {
        number: 2,
        what: "kill -9 or pause NATS under load",
        passes_when: "I1-I4; no answer over 500 ms (spool)",
        run: Run::Within(|deployment, scale| Box::pin(stores_away::bus_falls(deployment, scale))),
    },
    Fault {
        number: 3,
        what: "NATS away for minutes",
        passes_when: "2xx throughout by spool, drained after",
        run: Run::Within(|deployment, scale| Box::pin(stores_away::bus_away(deployment, scale))),
    },
    Fault {
        number: 4,
        what: "Postgres away for minutes",
        passes_when: "2xx by JetStream; consumers pause; no dead letters; catch-up",
        run: Run::Within(|deployment, scale| Box::pin(stores_away::tables_away(deployment, scale))),
    },
    Fault {
        number: 5,
        what: "both away",
        passes_when: "503 within 450 ms; no 2xx without durability",
        run: Run::Within(|deployment, scale| Box::pin(stores_away::both_away(deployment, scale))),
    },
    Fault {
        number: 6,
        what: "duplicates x1..x50, inside and outside the dedupe window, across restarts",
        passes_when: "I2",
        run: Run::Within(|deployment, scale| Box::pin(duplicates::run(deployment, scale))),
    },
    Fault {
        number: 7,
        what: "reordering inside an entity, late by up to a day",
        passes_when: "I3, mirror = model",
        run: Run::Within(|deployment, scale| Box::pin(reordered::run(deployment, scale))),
    },
    Fault {
        number: 8,
        what: "poison: breaks its reader, nests deep, is no message",
        passes_when: "only the poisoned message waits or dies; others unharmed",
        run: Run::Within(|deployment, scale| Box::pin(poison::run(deployment, scale))),
    },
    Fault {
        number: 9,
        what: "malformed bodies, thousands",
        passes_when: "4xx or quarantine; no panic, no 5xx, bounded memory",
        run: Run::Within(|deployment, scale| Box::pin(malformed::run(deployment, scale))),
    },
    Fault {
        number: 10,
        what: "signatures",
        passes_when: "exact truth table",
        run: Run::Within(|deployment, scale| Box::pin(signatures::run(deployment, scale))),
    },
    Fault {
        number: 11,
        what: "slow clients by the thousand, one byte a second",
        passes_when: "real traffic unharmed; attackers cut within 10 s",
        run: Run::Within(|deployment, scale| Box::pin(slow::run(deployment, scale))),
    },
    Fault {
        number: 12,
        what: "request smuggling set",
        passes_when: "400 or close; nothing forwarded",
        run: Run::Within(|deployment, scale| Box::pin(smuggled::run(deployment, scale))),
    },
    Fault {
        number: 13,
        what: "webhook secret rotated under load",
        passes_when: "no false refusal in grace, all refused after",
        run: Run::Within(|deployment, scale| Box::pin(rotation::run(deployment, scale))),
    },
    Fault {
        number: 17,
        what: "kill -9 sync at any request of an import",
        passes_when: "resumes from its checkpoint; missing = 0, doubled = 0; counts right",
        run: Run::Beside(|scale| Box::pin(importing::killed(scale))),
    },
    Fault {
        number: 18,
        what: "Intercom 429, 500, 502, empty 200, wrong JSON, hang, 1 GB answer, 404 on a child, 410 merged",
        passes_when: "run ends complete or says what is missing; bounded memory",
        run: Run::Beside(|scale| Box::pin(importing::answers(scale))),
    },
    Fault {
        number: 19,
        what: "token revoked during a run",
        passes_when: "disconnected with the reason; run ends; reconnect resumes",
        run: Run::Beside(|scale| Box::pin(importing::revoked(scale))),
    },
    Fault {
        number: 20,
        what: "webhooks dropped at the edge (1 %)",
        passes_when: "healed within one reconcile period; drift = exactly the dropped",
        run: Run::Beside(|scale| Box::pin(importing::dropped(scale))),
    },
    Fault {
        number: 26,
        what: "20 changes a second while everything is imported, deletes and merges among them",
        passes_when: "missing 0, doubled 0, stale 0, in ten seeds, without webhooks and with",
        run: Run::Beside(|scale| Box::pin(importing::changing(scale))),
    },
    Fault {
        number: 27,
        what: "Postgres, then NATS, away while everything is imported",
        passes_when: "the run continues; missing = 0, doubled = 0",
        run: Run::Beside(|scale| Box::pin(importing::stores(scale))),
    },
];
