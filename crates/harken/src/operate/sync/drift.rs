use harken_contracts::wire::sync::v1::{Drift, DriftCause, DriftCount, GetDriftRequest};

use super::ask;
use crate::cli::SyncDrift;
use crate::failure::Failure;
use crate::operate::{Desk, choose};
use crate::output::{Cell, Table, count, json, many, moment};

pub(super) async fn show(what: SyncDrift, desk: &Desk) -> Result<(), Failure> {
    let connection = choose::connection(&desk.harken, what.connection.as_deref()).await?;
    let request = GetDriftRequest {
        connection_id: connection.connection_id,
        days: what.days,
    };
    let drift = ask(|| {
        let (mut sync, request) = (desk.harken.sync(), request.clone());
        async move { sync.get_drift(request).await }
    });
    let drift = drift.await.map_err(|status| desk.harken.refused(&status))?;
    if desk.output.is_json() {
        return desk.output.object(&json(&drift));
    }
    let compared = many(drift.records_compared, "changed record");
    if drift.causes.is_empty() {
        let words = format!("No drift: {compared} compared, all as notifications had told.");
        return desk.output.line(words);
    }
    desk.output.line(format!("{compared} compared."))?;
    desk.output.table(&table(&drift))
}

/// A row per day and one for all of them.
fn table(drift: &Drift) -> Table {
    let mut table = Table::new(["DAY (UTC)", "MISSING", "STALE", "GONE", "UNTOLD"]);
    let days = drift.days.iter().map(|day| {
        let name: String = moment(day.day.as_ref()).chars().take(10).collect();
        (name, &day.causes)
    });
    let all = std::iter::once(("all".to_owned(), &drift.causes));
    for (name, causes) in days.chain(all) {
        table.row([
            Cell::text(name),
            of(causes, DriftCause::Missing),
            of(causes, DriftCause::Stale),
            of(causes, DriftCause::Gone),
            of(causes, DriftCause::Untold),
        ]);
    }
    table
}

fn of(causes: &[DriftCount], cause: DriftCause) -> Cell {
    let found = causes.iter().find(|one| one.cause() == cause);
    Cell::number(count(found.map_or(0, |one| one.count)))
}
