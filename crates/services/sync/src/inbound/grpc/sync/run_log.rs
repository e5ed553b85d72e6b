use harken_contracts::{
    convert::timestamp,
    wire::sync::v1::{ListRunLogRequest, ListRunLogResponse, RunLogLine},
};
use harken_domain::RunId;
use harken_runtime::{paging, status as refuse};
use tonic::{Request, Status};

use super::{acquire, find_run};
use crate::{
    app::Sync,
    inbound::grpc::{
        fields::{id, query, reader, slice},
        status,
    },
    outbound::postgres::run_log::{self, Filter},
};

pub(super) async fn list(
    sync: &Sync,
    request: Request<ListRunLogRequest>,
) -> Result<ListRunLogResponse, Status> {
    let organization = reader(&request)?;
    let request = request.into_inner();
    let run: RunId = id("run_id", &request.run_id)?;
    if !matches!(request.severity.as_str(), "" | "info" | "warning" | "error") {
        return Err(refuse::invalid_argument(
            "severity",
            "must be info, warning or error, or empty for all",
        ));
    }
    let filter = Filter {
        query: query("query", &request.query)?,
        severity: &request.severity,
    };
    let fingerprint = ("run log", run, filter.query, filter.severity);
    let size = paging::size(request.page.as_ref())?;
    let before: Option<i64> = paging::position(&fingerprint, request.page.as_ref())?;
    find_run(sync, organization, run).await?;
    let mut store = acquire(sync).await?;
    let mut rows = run_log::list(&mut store, run, filter, before, i64::from(size) + 1)
        .await
        .map_err(status::store)?;
    let total = run_log::count(&mut store, run, filter)
        .await
        .map_err(status::store)?;
    let page = slice(&mut rows, size, &fingerprint, |row| row.sequence, total)?;
    let lines = rows.into_iter().map(|row| RunLogLine {
        sequence: row.sequence.unsigned_abs(),
        at: Some(timestamp(row.at)),
        severity: row.severity,
        message: row.message,
        intercom_request_id: row.intercom_request_id,
    });
    Ok(ListRunLogResponse {
        lines: lines.collect(),
        page: Some(page),
    })
}
