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
        self.note(
            &format!("start_run({:?})", request.get_ref().kind()),
            &request,
        );
        self.ran(RunState::Running);
        Ok(Response::new(self.held().run.clone().unwrap()))
    }

    async fn get_run(&self, _: Request<GetRunRequest>) -> Answer<Run> {
        let run = self.held().run.clone();
        run.map(Response::new)
            .ok_or_else(|| status::not_found("run"))
    }

    async fn list_runs(&self, request: Request<ListRunsRequest>) -> Answer<ListRunsResponse> {
        let asked = request.get_ref();
        let (kind, state, trigger) = (asked.kind(), asked.state(), asked.trigger());
        let token = asked.page.clone().unwrap_or_default().page_token;
        self.note(
            &format!("list_runs({kind:?},{state:?},{trigger:?},{token})"),
            &request,
        );
        let is_it = |run: &Run| state == RunState::Unspecified || run.state() == state;
        let runs = self.held().run.clone().into_iter().filter(is_it).collect();
        let page = Some(harken_contracts::wire::types::v1::PageInfo {
            next_page_token: "next".to_owned(),
            total_count: 60,
        });
        Ok(Response::new(ListRunsResponse { runs, page }))
    }

    async fn get_status(&self, request: Request<GetStatusRequest>) -> Answer<SyncStatus> {
        let held = self.held();
        let is_counted = !request.into_inner().without_totals;
        Ok(Response::new(SyncStatus {
            connection_id: connection_id().to_string(),
            latest_run: held.run.clone(),
            customers: if is_counted { 500 } else { 0 },
            is_paused: held.mirror.settings.is_paused,
            next_run_at: held.mirror.settings.next_run_at,
            ..held.mirror.status.clone()
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

    async fn pause_sync(
        &self,
        request: Request<wire::PauseSyncRequest>,
    ) -> Answer<wire::SyncSettings> {
        self.note("pause_sync", &request);
        self.held().mirror.settings.is_paused = true;
        Ok(Response::new(self.held().mirror.settings.clone()))
    }

    async fn resume_sync(
        &self,
        request: Request<wire::ResumeSyncRequest>,
    ) -> Answer<wire::SyncSettings> {
        self.note("resume_sync", &request);
        self.held().mirror.settings.is_paused = false;
        Ok(Response::new(self.held().mirror.settings.clone()))
    }

    async fn get_settings(
        &self,
        _: Request<wire::GetSettingsRequest>,
    ) -> Answer<wire::SyncSettings> {
        self.unless_away(|held| held.mirror.settings.clone())
    }

    async fn update_settings(
        &self,
        request: Request<wire::UpdateSettingsRequest>,
    ) -> Answer<wire::SyncSettings> {
        let asked = request.get_ref();
        let (secs, days) = (asked.interval_secs, asked.backfill_days);
        self.note(&format!("update_settings({secs:?},{days:?})"), &request);
        let mut held = self.held();
        held.mirror.settings.interval_secs = secs.unwrap_or(held.mirror.settings.interval_secs);
        held.mirror.settings.backfill_days = days.unwrap_or(held.mirror.settings.backfill_days);
        Ok(Response::new(held.mirror.settings.clone()))
    }

    async fn get_completeness(
        &self,
        _: Request<wire::GetCompletenessRequest>,
    ) -> Answer<wire::Completeness> {
        self.unless_away(|held| held.mirror.completeness.clone())
    }

    async fn list_incomplete(
        &self,
        request: Request<wire::ListIncompleteRequest>,
    ) -> Answer<wire::ListIncompleteResponse> {
        let asked = request.get_ref().clone();
        let (reason, query) = (asked.reason(), asked.query);
        self.note(&format!("list_incomplete({reason:?},{query})"), &request);
        self.unless_away(|held| wire::ListIncompleteResponse {
            records: held.mirror.incomplete.clone(),
            page: None,
        })
    }

    async fn get_drift(&self, request: Request<wire::GetDriftRequest>) -> Answer<wire::Drift> {
        self.note(&format!("get_drift({})", request.get_ref().days), &request);
        self.unless_away(|held| held.mirror.drift.clone())
    }

    async fn get_sample(&self, _: Request<wire::GetSampleRequest>) -> Answer<wire::Sample> {
        self.unless_away(|held| held.mirror.sample.clone())
    }
}

impl Fakes {
    /// Answers what is held, unless the keeping of mirrors does not answer.
    fn unless_away<T>(&self, answer: impl FnOnce(&super::Held) -> T) -> Answer<T> {
        let held = self.held();
        if held.mirror.is_silent {
            return Err(Status::unavailable("connection refused"));
        }
        Ok(Response::new(answer(&held)))
    }
}
