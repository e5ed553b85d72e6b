//! The table of faults: one file per row or family of rows, each run against real processes.

mod duplicates;
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

type Run = for<'a> fn(&'a mut Deployment, Scale) -> LocalBoxFuture<'a, Result<Verdict>>;

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
    /// Lets it happen, and says what was found.
    pub async fn run(&self, deployment: &mut Deployment, scale: Scale) -> Result<Verdict> {
        let verdict = (self.run)(deployment, scale).await?;
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
        run: |deployment, scale| Box::pin(killed::run(deployment, scale)),
    },
    Fault {
        number: 2,
        what: "kill -9 or pause NATS under load",
        passes_when: "I1-I4; no answer over 500 ms (spool)",
        run: |deployment, scale| Box::pin(stores_away::bus_falls(deployment, scale)),
    },
    Fault {
        number: 3,
        what: "NATS away for minutes",
        passes_when: "2xx throughout by spool, drained after",
        run: |deployment, scale| Box::pin(stores_away::bus_away(deployment, scale)),
    },
    Fault {
        number: 4,
        what: "Postgres away for minutes",
        passes_when: "2xx by JetStream; consumers pause; no dead letters; catch-up",
        run: |deployment, scale| Box::pin(stores_away::tables_away(deployment, scale)),
    },
    Fault {
        number: 5,
        what: "both away",
        passes_when: "503 within 450 ms; no 2xx without durability",
        run: |deployment, scale| Box::pin(stores_away::both_away(deployment, scale)),
    },
    Fault {
        number: 6,
        what: "duplicates x1..x50, inside and outside the dedupe window, across restarts",
        passes_when: "I2",
        run: |deployment, scale| Box::pin(duplicates::run(deployment, scale)),
    },
    Fault {
        number: 7,
        what: "reordering inside an entity, late by up to a day",
        passes_when: "I3, mirror = model",
        run: |deployment, scale| Box::pin(reordered::run(deployment, scale)),
    },
    Fault {
        number: 8,
        what: "poison: breaks its reader, nests deep, is no message",
        passes_when: "only the poisoned message waits or dies; others unharmed",
        run: |deployment, scale| Box::pin(poison::run(deployment, scale)),
    },
    Fault {
        number: 9,
        what: "malformed bodies, thousands",
        passes_when: "4xx or quarantine; no panic, no 5xx, bounded memory",
        run: |deployment, scale| Box::pin(malformed::run(deployment, scale)),
    },
    Fault {
        number: 10,
        what: "signatures",
        passes_when: "exact truth table",
        run: |deployment, scale| Box::pin(signatures::run(deployment, scale)),
    },
    Fault {
        number: 11,
        what: "slow clients by the thousand, one byte a second",
        passes_when: "real traffic unharmed; attackers cut within 10 s",
        run: |deployment, scale| Box::pin(slow::run(deployment, scale)),
    },
    Fault {
        number: 12,
        what: "request smuggling set",
        passes_when: "400 or close; nothing forwarded",
        run: |deployment, scale| Box::pin(smuggled::run(deployment, scale)),
    },
    Fault {
        number: 13,
        what: "webhook secret rotated under load",
        passes_when: "no false refusal in grace, all refused after",
        run: |deployment, scale| Box::pin(rotation::run(deployment, scale)),
    },
];
