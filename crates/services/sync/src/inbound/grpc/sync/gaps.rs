use harken_contracts::wire::sync::v1::{Gap, ListGapsRequest, ListGapsResponse};
use harken_domain::RunId;
use harken_runtime::paging;
use tonic::{Request, Status};

use super::{acquire, find_run};
use crate::{
    app::Sync,
    inbound::grpc::{
        fields::{id, reader, slice},
        status,
    },
    outbound::postgres::gaps,
};

pub(super) async fn list(
    sync: &Sync,
    request: Request<ListGapsRequest>,
) -> Result<ListGapsResponse, Status> {
    let organization = reader(&request)?;
    let request = request.into_inner();
    let run: RunId = id("run_id", &request.run_id)?;
    let size = paging::size(request.page.as_ref())?;
    let filter = ("gaps", run);
    let after: Option<i64> = paging::position(&filter, request.page.as_ref())?;
    let total = find_run(sync, organization, run).await?.gap_count;
    let mut store = acquire(sync).await?;
    let mut rows = gaps::list(&mut store, run, after, i64::from(size) + 1)
        .await
        .map_err(status::store)?;
    let page = slice(&mut rows, size, &filter, |row| row.sequence, total)?;
    let gaps = rows.into_iter().map(|row| Gap {
        kind: row.kind,
        external_id: row.external_id,
        reason: row.reason,
    });
    Ok(ListGapsResponse {
        gaps: gaps.collect(),
        page: Some(page),
    })
}
