//! What a run that read everything leaves to be asked for one by one.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Desk, Halt};
use crate::outbound::postgres::{
    companies, contacts, gaps, lacks,
    repairs::{self, RepairKind, Wanted},
    runs::{RunKind, RunRow},
};

/// Most contacts that one run has asked for; the next one goes on.
const MOST_MISSED: usize = 10_000;

/// Has repairs ask once more for what was asked for in vain before the run began, and, after a full run, for contacts and
/// companies that are held and did not turn up: they were deleted, absorbed or put away, and Intercom lists none of that.
pub(super) async fn ask(desk: &Desk, row: &RunRow) -> Result<(), Halt> {
    let Some(began) = row.started_at else {
        return Ok(());
    };
    let mut store = desk.sync.store.begin().await?;
    let mut wanted = lacks::noted_before(&mut store, desk.connection, began).await?;
    if row.kind == RunKind::Full {
        let missed = missed(desk, &mut store, began).await?;
        if !missed.is_empty() {
            desk.notes.info(format!(
                "{} contacts and companies did not turn up; each is asked for",
                missed.len()
            ));
        }
        wanted.extend(missed);
    }
    // Nobody can ask Intercom about a pseudonym.
    if desk.reader.is_veiled() {
        wanted.retain(|one| !one.kind.names_a_person());
    }
    repairs::ask(&mut store, &wanted).await?;
    store.commit().await?;
    desk.sync.wanted.notify_one();
    Ok(())
}

async fn missed(
    desk: &Desk,
    store: &mut PgConnection,
    began: DateTime<Utc>,
) -> Result<BTreeSet<Wanted>, Halt> {
    let connection = desk.connection;
    let wanted = |kind, external_id| Wanted {
        connection,
        kind,
        external_id,
    };
    let mut missed = BTreeSet::new();
    if !desk.reader.is_veiled() {
        for id in contacts::unlisted_since(store, connection, began, MOST_MISSED).await? {
            missed.insert(wanted(RepairKind::Contact, id));
        }
    }
    // A list of companies that could not be read to its end tells nothing about those it lacks.
    let gaps = gaps::by_kind(store, desk.run).await?;
    if gaps.iter().all(|(kind, _)| kind != "companies") {
        for id in companies::untold_since(store, connection, began).await? {
            missed.insert(wanted(RepairKind::Company, id));
        }
    }
    Ok(missed)
}
