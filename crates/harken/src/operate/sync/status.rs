use chrono::{DateTime, Utc};
use harken_contracts::wire::sync::v1::{Run, RunState, Status};

use super::status_of;
use crate::failure::Failure;
use crate::operate::{Desk, choose};
use crate::output::{Cell, Table, count, decimal, json, many, when};

pub(super) async fn show(named: Option<&str>, desk: &Desk) -> Result<(), Failure> {
    let connection = choose::connection(&desk.harken, named).await?;
    let status = status_of(&desk.harken, connection).await?;
    if desk.output.is_json() {
        return desk.output.object(&json(&status));
    }
    desk.output.table(&facts(&status, desk.clock.now()))?;
    match &status.latest_run {
        Some(run) => {
            desk.output.line("")?;
            desk.output.table(&counts(run))
        }
        None => Ok(()),
    }
}

/// What the mirror holds, and how its last run went.
pub(in crate::operate) fn facts(status: &Status, now: DateTime<Utc>) -> Table {
    let mut facts = Table::facts();
    if let Some(run) = &status.latest_run {
        facts.fact(
            "Latest run",
            Cell::text(format!("{}, {}", run.run_id, state(run))),
        );
        if !run.reason.is_empty() {
            facts.fact("Because", Cell::sentence(&run.reason));
        }
        facts.fact("Asked for", Cell::text(when(run.created_at.as_ref(), now)));
        facts.fact("Requests made", Cell::text(count(run.requests)));
    } else {
        facts.fact("Latest run", Cell::text("none yet"));
    }
    facts.fact(
        "Last complete",
        Cell::text(when(status.last_complete_at.as_ref(), now)),
    );
    facts.fact("Customers", Cell::text(count(status.customers)));
    facts.fact("Contacts", Cell::text(count(status.contacts)));
    facts.fact("Companies", Cell::text(count(status.companies)));
    facts.fact("Conversations", Cell::text(count(status.conversations)));
    facts.fact("Parts", Cell::text(count(status.parts)));
    facts
}

pub(super) fn counts(run: &Run) -> Table {
    let mut table = Table::new(["KIND", "READ", "OF", "WRITTEN", "UNCHANGED", "SKIPPED", ""]);
    for one in &run.counts {
        let why: Vec<String> = one
            .skips
            .iter()
            .map(|skip| format!("{} {}", count(skip.count), skip.reason.replace('_', " ")))
            .collect();
        table.row([
            Cell::text(&one.kind),
            Cell::number(count(one.seen)),
            Cell::number(one.total.map_or_else(|| "–".to_owned(), count)),
            Cell::number(count(one.written)),
            Cell::number(count(one.unchanged)),
            Cell::number(count(one.skipped)),
            Cell::sentence(why.join(", ")),
        ]);
    }
    table
}

pub(super) fn state(run: &Run) -> String {
    match run.state() {
        RunState::Queued => "queued".to_owned(),
        RunState::Running => format!("running at {} rows/s", decimal(run.rows_per_second)),
        RunState::Complete => "complete".to_owned(),
        RunState::CompleteWithGaps => format!("complete with {}", many(run.gap_count, "gap")),
        RunState::Failed => "failed".to_owned(),
        RunState::Paused => "paused".to_owned(),
        RunState::Unspecified => "in a state this harken does not know".to_owned(),
    }
}
