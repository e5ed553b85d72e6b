use chrono::{DateTime, Utc};
use harken_contracts::wire::sync::v1::{
    GetRunRequest, ListRunsRequest, ListRunsResponse, Run, RunKind, StartRunRequest,
};
use harken_domain::Role;
use harken_runtime::{paging, status as refuse};
use tonic::{Request, Status};
use uuid::Uuid;

use super::{find_run, known, run};
use crate::{
    app::Sync,
    inbound::grpc::{
        fields::{caller, id, reader, slice},
        status,
    },
    outbound::postgres::runs::{self, RunKind as Kind, RunRow},
};

pub(super) async fn start(sync: &Sync, request: Request<StartRunRequest>) -> Result<Run, Status> {
    let organization = caller(&request, Role::Member)?;
    let kind = match RunKind::try_from(request.get_ref().kind) {
        Ok(RunKind::Full | RunKind::Unspecified) => Kind::Full,
        Ok(RunKind::Incremental) => Kind::Incremental,
        Err(_) => {
            return Err(refuse::invalid_argument(
                "kind",
                "must be full or incremental, or unset for full",
            ));
        }
    };
    let connection = id("connection_id", &request.get_ref().connection_id)?;
    let started = sync.start_run(organization, connection, kind).await;
    started.map(Run::from).map_err(status::start_run)
}

pub(super) async fn get(sync: &Sync, request: Request<GetRunRequest>) -> Result<Run, Status> {
    let organization = reader(&request)?;
    let run = id("run_id", &request.get_ref().run_id)?;
    find_run(sync, organization, run).await.map(Run::from)
}

pub(super) async fn list(
    sync: &Sync,
    request: Request<ListRunsRequest>,
) -> Result<ListRunsResponse, Status> {
    let organization = reader(&request)?;
    let request = request.into_inner();
    let size = paging::size(request.page.as_ref())?;
    let which = run::filter(&request)?;
    let (mut store, connection) = known(sync, organization, &request.connection_id).await?;
    let filter = (
        ("runs", connection),
        (request.kind, request.state, request.trigger),
    );
    let before: Option<(DateTime<Utc>, Uuid)> = paging::position(&filter, request.page.as_ref())?;
    let most = i64::from(size) + 1;
    let mut rows = runs::list(&mut store, connection, which, before, most)
        .await
        .map_err(status::store)?;
    let total = runs::count(&mut store, connection, which)
        .await
        .map_err(status::store)?;
    let place = |row: &RunRow| (row.created_at, row.run.as_uuid());
    let page = slice(&mut rows, size, &filter, place, total)?;
    Ok(ListRunsResponse {
        runs: rows.into_iter().map(Run::from).collect(),
        page: Some(page),
    })
}
