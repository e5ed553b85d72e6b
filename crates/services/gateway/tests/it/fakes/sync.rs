use harken_contracts::wire::sync::v1 as wire;
use harken_contracts::wire::sync::v1::sync_server::Sync;
use harken_contracts::wire::sync::v1::{
    Gap, GetLiveRequest, GetRunRequest, GetStatusRequest, ListGapsRequest, ListGapsResponse,
    ListRunLogRequest, ListRunLogResponse, ListRunsRequest, ListRunsResponse, ListTopicsRequest,
    ListTopicsResponse, Live, Run, RunLogLine, RunState, StartRunRequest, Status as SyncStatus,
    Topic, TraceNotificationsRequest, TraceNotificationsResponse, UnknownTopic, WatchRunRequest,
};
use harken_runtime::status;
use tonic::codegen::tokio_stream::Empty;
use tonic::{Request, Response, Status, async_trait};

use super::{Fakes, connection_id, unasked};

type Answer<T> = Result<Response<T>, Status>;

#[async_trait]
impl Sync for Fakes {
    async fn start_run(&self, request: Request<StartRunRequest>) -> Answer<Run> {
        self.note("start_run", &request);
        self.ran(RunState::Running);
        Ok(Response::new(self.held().run.clone().unwrap()))
    }

    async fn get_run(&self, _: Request<GetRunRequest>) -> Answer<Run> {
        let run = self.held().run.clone();
        run.map(Response::new)
            .ok_or_else(|| status::not_found("run"))
    }

    async fn list_runs(&self, _: Request<ListRunsRequest>) -> Answer<ListRunsResponse> {
        let runs = self.held().run.clone().into_iter().collect();
        Ok(Response::new(ListRunsResponse { runs, page: None }))
    }

    async fn get_status(&self, _: Request<GetStatusRequest>) -> Answer<SyncStatus> {
        let latest_run = self.held().run.clone();
        Ok(Response::new(SyncStatus {
            connection_id: connection_id().to_string(),
            latest_run,
            customers: 500,
            ..SyncStatus::default()
        }))
    }

    async fn list_run_log(&self, _: Request<ListRunLogRequest>) -> Answer<ListRunLogResponse> {
        let line = RunLogLine {
            severity: "warning".to_owned(),
            message: "Intercom asked to slow down.".to_owned(),
            ..RunLogLine::default()
        };
        let (lines, page) = (vec![line], None);
        Ok(Response::new(ListRunLogResponse { lines, page }))
    }

    async fn list_gaps(&self, _: Request<ListGapsRequest>) -> Answer<ListGapsResponse> {
        let gap = Gap {
            kind: "conversation".to_owned(),
            external_id: "210088".to_owned(),
            reason: "Intercom answered 500 five times.".to_owned(),
        };
        let (gaps, page) = (vec![gap], None);
        Ok(Response::new(ListGapsResponse { gaps, page }))
    }

    type WatchRunStream = Empty<Result<Run, Status>>;

    async fn watch_run(&self, _: Request<WatchRunRequest>) -> Answer<Self::WatchRunStream> {
        unasked()
    }

    async fn get_live(&self, _: Request<GetLiveRequest>) -> Answer<Live> {
        Ok(Response::new(Live {
            unknown_topics: vec![UnknownTopic {
                topic: "brand.new.topic".to_owned(),
                count: 2,
                last_received_at: None,
            }],
            ..Live::default()
        }))
    }

    async fn list_topics(&self, _: Request<ListTopicsRequest>) -> Answer<ListTopicsResponse> {
        let topic = |topic: &str, is_needed| Topic {
            topic: topic.to_owned(),
            is_needed,
            effect: "Adds the reply".to_owned(),
            any_of_permissions: vec!["Read conversations".to_owned()],
        };
        Ok(Response::new(ListTopicsResponse {
            topics: vec![
                topic("conversation.user.replied", true),
                topic("visitor.signed_up", false),
            ],
        }))
    }

    async fn trace_notifications(
        &self,
        _: Request<TraceNotificationsRequest>,
    ) -> Answer<TraceNotificationsResponse> {
        unasked()
    }

    async fn pause_sync(&self, _: Request<wire::PauseSyncRequest>) -> Answer<wire::SyncSettings> {
        unasked()
    }

    async fn resume_sync(&self, _: Request<wire::ResumeSyncRequest>) -> Answer<wire::SyncSettings> {
        unasked()
    }

    async fn get_settings(
        &self,
        _: Request<wire::GetSettingsRequest>,
    ) -> Answer<wire::SyncSettings> {
        unasked()
    }

    async fn update_settings(
        &self,
        _: Request<wire::UpdateSettingsRequest>,
    ) -> Answer<wire::SyncSettings> {
        unasked()
    }

    async fn get_completeness(
        &self,
        _: Request<wire::GetCompletenessRequest>,
    ) -> Answer<wire::Completeness> {
        unasked()
    }

    async fn list_incomplete(
        &self,
        _: Request<wire::ListIncompleteRequest>,
    ) -> Answer<wire::ListIncompleteResponse> {
        unasked()
    }

    async fn get_drift(&self, _: Request<wire::GetDriftRequest>) -> Answer<wire::Drift> {
        unasked()
    }

    async fn get_sample(&self, _: Request<wire::GetSampleRequest>) -> Answer<wire::Sample> {
        unasked()
    }
}
