mod completeness;
mod drift;
mod gaps;
mod live;
mod mirror_status;
mod run;
mod run_log;
mod runs;
mod sample;
mod settings;
mod watch;

use futures::stream::BoxStream;
use harken_contracts::wire::sync::v1 as proto;
use harken_contracts::wire::sync::v1::sync_server;
use harken_domain::{ConnectionId, OrganizationId, RunId};
use harken_runtime::status as refuse;
use sqlx::{Postgres, pool::PoolConnection};
use tonic::{Request, Response, Status};

use super::{fields, status};
use crate::{
    app::Sync,
    outbound::postgres::{
        connections,
        runs::{self as kept, RunRow},
    },
};

/// Answers `sync.v1`.
#[derive(Debug)]
pub(crate) struct SyncRpc {
    sync: Sync,
}

impl SyncRpc {
    pub(crate) fn new(sync: Sync) -> Self {
        Self { sync }
    }
}

macro_rules! delegate {
    ($($rpc:ident($request:ident) -> $answer:ident = $room:ident::$function:ident;)+) => {
        #[tonic::async_trait]
        impl sync_server::Sync for SyncRpc {
            type WatchRunStream = BoxStream<'static, Result<proto::Run, Status>>;

            async fn watch_run(
                &self,
                request: Request<proto::WatchRunRequest>,
            ) -> Result<Response<Self::WatchRunStream>, Status> {
                watch::watch(&self.sync, request).await.map(Response::new)
            }

            $(async fn $rpc(
                &self,
                request: Request<proto::$request>,
            ) -> Result<Response<proto::$answer>, Status> {
                $room::$function(&self.sync, request).await.map(Response::new)
            })+
        }
    };
}

delegate! {
    start_run(StartRunRequest) -> Run = runs::start;
    get_run(GetRunRequest) -> Run = runs::get;
    list_runs(ListRunsRequest) -> ListRunsResponse = runs::list;
    list_run_log(ListRunLogRequest) -> ListRunLogResponse = run_log::list;
    list_gaps(ListGapsRequest) -> ListGapsResponse = gaps::list;
    get_status(GetStatusRequest) -> Status = mirror_status::get;
    get_live(GetLiveRequest) -> Live = live::get;
    trace_notifications(TraceNotificationsRequest) -> TraceNotificationsResponse = live::trace;
    list_topics(ListTopicsRequest) -> ListTopicsResponse = live::topics;
    pause_sync(PauseSyncRequest) -> SyncSettings = settings::pause;
    resume_sync(ResumeSyncRequest) -> SyncSettings = settings::resume;
    get_settings(GetSettingsRequest) -> SyncSettings = settings::get;
    update_settings(UpdateSettingsRequest) -> SyncSettings = settings::update;
    get_completeness(GetCompletenessRequest) -> Completeness = completeness::get;
    list_incomplete(ListIncompleteRequest) -> ListIncompleteResponse = completeness::list;
    get_drift(GetDriftRequest) -> Drift = drift::get;
    get_sample(GetSampleRequest) -> Sample = sample::get;
}

async fn acquire(sync: &Sync) -> Result<PoolConnection<Postgres>, Status> {
    sync.store.pool().acquire().await.map_err(status::store)
}

/// A connection that the organization has, and a way to the store.
async fn known(
    sync: &Sync,
    organization: OrganizationId,
    connection_id: &str,
) -> Result<(PoolConnection<Postgres>, ConnectionId), Status> {
    let connection = fields::id("connection_id", connection_id)?;
    let mut store = acquire(sync).await?;
    let found = connections::find(&mut store, organization, connection)
        .await
        .map_err(status::store)?;
    found.ok_or_else(|| refuse::not_found("connection"))?;
    Ok((store, connection))
}

/// A run of the organization's.
async fn find_run(sync: &Sync, organization: OrganizationId, run: RunId) -> Result<RunRow, Status> {
    let mut store = acquire(sync).await?;
    let row = kept::find(&mut store, organization, run)
        .await
        .map_err(status::store)?;
    row.ok_or_else(|| refuse::not_found("run"))
}
