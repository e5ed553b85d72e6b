use std::time::Duration;

use async_stream::try_stream;
use futures::Stream;
use harken_contracts::wire::sync::v1::Run;
use harken_domain::OrganizationId;
use harken_runtime::status as refuse;
use harken_store::Store;
use tonic::Status;

use crate::{
    inbound::grpc::status,
    outbound::postgres::runs::{self, RunRow},
};

/// A run is shown at most this often.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The run as it is, and again whenever it changed, until after its end.
pub(super) fn watch(
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
