mod completeness;
mod drift;
mod live;
mod run;
mod sample;
mod settings;
mod watch;

use chrono::{DateTime, Utc};
use futures::stream::BoxStream;
use harken_contracts::{
    convert::timestamp,
    wire::sync::v1 as wire,
    wire::sync::v1::{
        Gap, GetLiveRequest, GetRunRequest, GetStatusRequest, ListGapsRequest, ListGapsResponse,
        ListRunLogRequest, ListRunLogResponse, ListRunsRequest, ListRunsResponse,
        ListTopicsRequest, ListTopicsResponse, Live, Run, RunKind, RunLogLine, StartRunRequest,
        Status as MirrorStatus, TraceNotificationsRequest, TraceNotificationsResponse,
        WatchRunRequest, sync_server,
    },
};
use harken_domain::{ConnectionId, OrganizationId, Role, RunId};
use harken_runtime::{paging, status as refuse};
use sqlx::{Postgres, pool::PoolConnection};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{
    fields::{caller, id, query, reader, slice},
    status,
};
use crate::{
    app::Sync,
    outbound::postgres::{
        connections,
        directory::totals,
        gaps,
        run_log::{self, Filter},
        runs::{self, RunFilter, RunKind as Kind, RunRow},
        sample as specimens,
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

    async fn acquire(&self) -> Result<PoolConnection<Postgres>, Status> {
        self.sync
            .store
            .pool()
            .acquire()
            .await
            .map_err(status::store)
    }

    async fn run(&self, organization: OrganizationId, run: RunId) -> Result<RunRow, Status> {
        let mut store = self.acquire().await?;
        let row = runs::find(&mut store, organization, run)
            .await
            .map_err(status::store)?;
        row.ok_or_else(|| refuse::not_found("run"))
    }
}

/// Refuses a connection that is unknown or another's.
async fn known(
    store: &mut sqlx::PgConnection,
    organization: OrganizationId,
    connection: ConnectionId,
) -> Result<(), Status> {
    let found = connections::find(store, organization, connection)
        .await
        .map_err(status::store)?;
    found
        .map(drop)
        .ok_or_else(|| refuse::not_found("connection"))
}

#[tonic::async_trait]
impl sync_server::Sync for SyncRpc {
    async fn start_run(&self, request: Request<StartRunRequest>) -> Result<Response<Run>, Status> {
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
        let row = self
            .sync
            .start_run(organization, connection, kind)
            .await
            .map_err(status::start_run)?;
        Ok(Response::new(row.into()))
    }

    async fn get_run(&self, request: Request<GetRunRequest>) -> Result<Response<Run>, Status> {
        let organization = reader(&request)?;
        let run = id("run_id", &request.get_ref().run_id)?;
        Ok(Response::new(self.run(organization, run).await?.into()))
    }

    async fn list_runs(
        &self,
        request: Request<ListRunsRequest>,
    ) -> Result<Response<ListRunsResponse>, Status> {
        let organization = reader(&request)?;
        let request = request.into_inner();
        let connection: ConnectionId = id("connection_id", &request.connection_id)?;
        let size = paging::size(request.page.as_ref())?;
        let which = run::filter(&request)?;
        let filter = (
            ("runs", connection),
            (request.kind, request.state, request.trigger),
        );
        let before: Option<(DateTime<Utc>, Uuid)> =
            paging::position(&filter, request.page.as_ref())?;
        let mut store = self.acquire().await?;
        known(&mut store, organization, connection).await?;
        let most = i64::from(size) + 1;
        let mut rows = runs::list(&mut store, connection, which, before, most)
            .await
            .map_err(status::store)?;
        let total = runs::count(&mut store, connection, which)
            .await
            .map_err(status::store)?;
        let place = |row: &RunRow| (row.created_at, row.run.as_uuid());
        let page = slice(&mut rows, size, &filter, place, total)?;
        let runs = rows.into_iter().map(Run::from).collect();
        Ok(Response::new(ListRunsResponse {
            runs,
            page: Some(page),
        }))
    }

    type WatchRunStream = BoxStream<'static, Result<Run, Status>>;

    async fn watch_run(
        &self,
        request: Request<WatchRunRequest>,
    ) -> Result<Response<Self::WatchRunStream>, Status> {
        let organization = reader(&request)?;
        let run = id("run_id", &request.get_ref().run_id)?;
        let first = self.run(organization, run).await?;
        let runs = watch::watch(self.sync.store.clone(), organization, first);
        Ok(Response::new(Box::pin(runs)))
    }

    async fn get_status(
        &self,
        request: Request<GetStatusRequest>,
    ) -> Result<Response<MirrorStatus>, Status> {
        let organization = reader(&request)?;
        let connection: ConnectionId = id("connection_id", &request.get_ref().connection_id)?;
        let mut store = self.acquire().await?;
        known(&mut store, organization, connection).await?;
        let latest = runs::list(&mut store, connection, RunFilter::default(), None, 1)
            .await
            .map_err(status::store)?;
        let settings = self
            .sync
            .settings_of(&mut store, connection)
            .await
            .map_err(status::store)?;
        let is_drift_high = drift::is_high(&mut store, connection, self.sync.clock.now())
            .await
            .map_err(status::store)?;
        let complete_at = runs::last_complete_at(&mut store, connection)
            .await
            .map_err(status::store)?;
        let totals = totals::count(&mut store, connection)
            .await
            .map_err(status::store)?;
        let last_ended = runs::last_ended(&mut store, connection)
            .await
            .map_err(status::store)?;
        let (last_error, missing_permissions) =
            completeness::last_error(&mut store, connection, last_ended.as_ref())
                .await
                .map_err(status::store)?;
        Ok(Response::new(MirrorStatus {
            connection_id: connection.to_string(),
            latest_run: latest.into_iter().next().map(Run::from),
            last_complete_at: complete_at.map(timestamp),
            last_ended_at: last_ended.and_then(|run| run.ended_at).map(timestamp),
            next_run_at: settings.next_run_at.map(timestamp),
            is_paused: settings.paused_at.is_some(),
            is_drift_high,
            customers: totals.customers.unsigned_abs(),
            contacts: totals.contacts.unsigned_abs(),
            companies: totals.companies.unsigned_abs(),
            conversations: totals.conversations.unsigned_abs(),
            parts: totals.parts.unsigned_abs(),
            segments: totals.segments.unsigned_abs(),
            attributes: totals.attributes.unsigned_abs(),
            last_error,
            missing_permissions,
        }))
    }

    async fn list_run_log(
        &self,
        request: Request<ListRunLogRequest>,
    ) -> Result<Response<ListRunLogResponse>, Status> {
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
        self.run(organization, run).await?;
        let mut store = self.acquire().await?;
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
        Ok(Response::new(ListRunLogResponse {
            lines: lines.collect(),
            page: Some(page),
        }))
    }

    async fn list_gaps(
        &self,
        request: Request<ListGapsRequest>,
    ) -> Result<Response<ListGapsResponse>, Status> {
        let organization = reader(&request)?;
        let request = request.into_inner();
        let run: RunId = id("run_id", &request.run_id)?;
        let size = paging::size(request.page.as_ref())?;
        let filter = ("gaps", run);
        let after: Option<i64> = paging::position(&filter, request.page.as_ref())?;
        let total = self.run(organization, run).await?.gap_count;
        let mut store = self.acquire().await?;
        let mut rows = gaps::list(&mut store, run, after, i64::from(size) + 1)
            .await
            .map_err(status::store)?;
        let page = slice(&mut rows, size, &filter, |row| row.sequence, total)?;
        let gaps = rows.into_iter().map(|row| Gap {
            kind: row.kind,
            external_id: row.external_id,
            reason: row.reason,
        });
        Ok(Response::new(ListGapsResponse {
            gaps: gaps.collect(),
            page: Some(page),
        }))
    }

    async fn get_live(&self, request: Request<GetLiveRequest>) -> Result<Response<Live>, Status> {
        let organization = reader(&request)?;
        let connection: ConnectionId = id("connection_id", &request.get_ref().connection_id)?;
        let mut store = self.acquire().await?;
        known(&mut store, organization, connection).await?;
        let live = live::live(&self.sync, &mut store, connection).await;
        live.map(Response::new).map_err(status::store)
    }

    async fn trace_notifications(
        &self,
        request: Request<TraceNotificationsRequest>,
    ) -> Result<Response<TraceNotificationsResponse>, Status> {
        let organization = reader(&request)?;
        let request = request.into_inner();
        let connection: ConnectionId = id("connection_id", &request.connection_id)?;
        live::traceable(&request.notification_ids)?;
        let mut store = self.acquire().await?;
        known(&mut store, organization, connection).await?;
        let traced = live::trace(&mut store, connection, request.notification_ids).await;
        traced.map(Response::new).map_err(status::store)
    }

    async fn list_topics(
        &self,
        request: Request<ListTopicsRequest>,
    ) -> Result<Response<ListTopicsResponse>, Status> {
        reader(&request)?;
        Ok(Response::new(ListTopicsResponse {
            topics: live::topics(),
        }))
    }

    async fn pause_sync(
        &self,
        request: Request<wire::PauseSyncRequest>,
    ) -> Result<Response<wire::SyncSettings>, Status> {
        let organization = caller(&request, Role::Member)?;
        let connection = id("connection_id", &request.get_ref().connection_id)?;
        let paused = self.sync.pause(organization, connection).await;
        let paused = paused.map_err(status::settings)?;
        Ok(Response::new(settings::shown(connection, &paused)))
    }

    async fn resume_sync(
        &self,
        request: Request<wire::ResumeSyncRequest>,
    ) -> Result<Response<wire::SyncSettings>, Status> {
        let organization = caller(&request, Role::Member)?;
        let connection = id("connection_id", &request.get_ref().connection_id)?;
        let resumed = self.sync.resume(organization, connection).await;
        let resumed = resumed.map_err(status::settings)?;
        Ok(Response::new(settings::shown(connection, &resumed)))
    }

    async fn get_settings(
        &self,
        request: Request<wire::GetSettingsRequest>,
    ) -> Result<Response<wire::SyncSettings>, Status> {
        let organization = reader(&request)?;
        let connection = id("connection_id", &request.get_ref().connection_id)?;
        let found = self.sync.settings(organization, connection).await;
        let found = found.map_err(status::settings)?;
        Ok(Response::new(settings::shown(connection, &found)))
    }

    async fn update_settings(
        &self,
        request: Request<wire::UpdateSettingsRequest>,
    ) -> Result<Response<wire::SyncSettings>, Status> {
        let organization = caller(&request, Role::Admin)?;
        let connection = id("connection_id", &request.get_ref().connection_id)?;
        let change = settings::change(request.get_ref())?;
        let changed = self
            .sync
            .change_settings(organization, connection, change)
            .await;
        let changed = changed.map_err(status::settings)?;
        Ok(Response::new(settings::shown(connection, &changed)))
    }

    async fn get_completeness(
        &self,
        request: Request<wire::GetCompletenessRequest>,
    ) -> Result<Response<wire::Completeness>, Status> {
        let organization = reader(&request)?;
        let connection: ConnectionId = id("connection_id", &request.get_ref().connection_id)?;
        let mut store = self.acquire().await?;
        known(&mut store, organization, connection).await?;
        let told = completeness::completeness(&mut store, connection).await;
        told.map(Response::new).map_err(status::store)
    }

    async fn list_incomplete(
        &self,
        request: Request<wire::ListIncompleteRequest>,
    ) -> Result<Response<wire::ListIncompleteResponse>, Status> {
        let organization = reader(&request)?;
        let request = request.into_inner();
        let connection: ConnectionId = id("connection_id", &request.connection_id)?;
        let mut store = self.acquire().await?;
        known(&mut store, organization, connection).await?;
        let listed = completeness::list(&mut store, connection, &request).await?;
        Ok(Response::new(listed))
    }

    async fn get_drift(
        &self,
        request: Request<wire::GetDriftRequest>,
    ) -> Result<Response<wire::Drift>, Status> {
        let organization = reader(&request)?;
        let connection: ConnectionId = id("connection_id", &request.get_ref().connection_id)?;
        let days = drift::days(request.get_ref().days)?;
        let mut store = self.acquire().await?;
        known(&mut store, organization, connection).await?;
        let now = self.sync.clock.now();
        let found = drift::drift(&mut store, connection, days, now).await;
        found.map(Response::new).map_err(status::store)
    }

    async fn get_sample(
        &self,
        request: Request<wire::GetSampleRequest>,
    ) -> Result<Response<wire::Sample>, Status> {
        let organization = reader(&request)?;
        let connection: ConnectionId = id("connection_id", &request.get_ref().connection_id)?;
        let mut store = self.acquire().await?;
        known(&mut store, organization, connection).await?;
        let read = specimens::read(&mut store, connection).await;
        let read = read.map_err(status::store)?;
        Ok(Response::new(sample::shown(connection, read)))
    }
}
