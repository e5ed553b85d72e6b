use std::time::Duration;

use async_stream::try_stream;
use futures::{Stream, StreamExt as _, stream::BoxStream};
use harken_contracts::wire::sync::v1::{Run, WatchRunRequest};
use harken_domain::OrganizationId;
use harken_runtime::status as refuse;
use harken_store::Store;
use tonic::{Request, Status};

use super::find_run;
use crate::{
    app::Sync,
    inbound::grpc::{
        fields::{id, reader},
        status,
    },
    outbound::postgres::runs::{self, RunRow},
};

/// A run is shown at most this often.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The run as it is, and again whenever it changed, until after its end.
pub(super) async fn watch(
    sync: &Sync,
    request: Request<WatchRunRequest>,
) -> Result<BoxStream<'static, Result<Run, Status>>, Status> {
    let organization = reader(&request)?;
    let run = id("run_id", &request.get_ref().run_id)?;
    let first = find_run(sync, organization, run).await?;
    Ok(changes(sync.store.clone(), organization, first).boxed())
}

fn changes(
    store: Store,
    organization: OrganizationId,
    first: RunRow,
) -> impl Stream<Item = Result<Run, Status>> {
    try_stream! {
        let mut shown = first;
        yield shown.clone().into();
        while !shown.state.is_end() {
            tokio::time::sleep(LOOK_EVERY).await;
            let mut connection = store.pool().acquire().await.map_err(status::store)?;
            let now = runs::find(&mut connection, organization, shown.run).await.map_err(status::store)?;
            drop(connection);
            let now = now.ok_or_else(|| refuse::not_found("run"))?;
            if now != shown {
                yield now.clone().into();
                shown = now;
            }
        }
    }
}
