use harken_contracts::wire::sync::v1::sync_client::SyncClient;
use harken_contracts::wire::sync::v1::{
    GetLiveRequest, GetRunRequest, GetStatusRequest, ListGapsRequest, ListGapsResponse,
    ListRunLogRequest, ListRunLogResponse, ListRunsRequest, ListRunsResponse, ListTopicsRequest,
    Live, Run, RunKind, RunState, RunTrigger, StartRunRequest, Status, Topic,
};
use harken_contracts::wire::types::v1::PageRequest;
use harken_domain::{ConnectionId, RunId};

use super::act_as::ActAs;
use super::{Answer, Asking, Line};

/// Which runs to list; what is unspecified lets all pass.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunList {
    pub(crate) kind: RunKind,
    pub(crate) state: RunState,
    pub(crate) trigger: RunTrigger,
    pub(crate) page: PageRequest,
}

/// Whether to tell how many of each kind a mirror holds: that is counted record by record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Totals {
    Told,
    LeftOut,
}

impl Asking {
    pub(crate) async fn start_run(&self, connection: ConnectionId, kind: RunKind) -> Answer<Run> {
        let request = StartRunRequest {
            connection_id: connection.to_string(),
            kind: kind.into(),
        };
        Ok(self.sync().start_run(request).await?.into_inner())
    }

    pub(crate) async fn run(&self, id: RunId) -> Answer<Run> {
        let request = GetRunRequest {
            run_id: id.to_string(),
        };
        Ok(self.sync().get_run(request).await?.into_inner())
    }

    pub(crate) async fn runs(
        &self,
        connection: ConnectionId,
        list: RunList,
    ) -> Answer<ListRunsResponse> {
        let request = ListRunsRequest {
            connection_id: connection.to_string(),
            kind: list.kind.into(),
            state: list.state.into(),
            trigger: list.trigger.into(),
            page: Some(list.page),
        };
        Ok(self.sync().list_runs(request).await?.into_inner())
    }

    /// Without totals, they are zero.
    pub(crate) async fn status(&self, connection_id: String, totals: Totals) -> Answer<Status> {
        let request = GetStatusRequest {
            connection_id,
            without_totals: totals == Totals::LeftOut,
        };
        Ok(self.sync().get_status(request).await?.into_inner())
    }

    pub(crate) async fn run_log(
        &self,
        id: RunId,
        query: String,
        severity: String,
        page: PageRequest,
    ) -> Answer<ListRunLogResponse> {
        let request = ListRunLogRequest {
            run_id: id.to_string(),
            query,
            severity,
            page: Some(page),
        };
        Ok(self.sync().list_run_log(request).await?.into_inner())
    }

    pub(crate) async fn gaps(&self, id: RunId, page: PageRequest) -> Answer<ListGapsResponse> {
        let request = ListGapsRequest {
            run_id: id.to_string(),
            page: Some(page),
        };
        Ok(self.sync().list_gaps(request).await?.into_inner())
    }

    /// How the mirror of a connection is kept current by notifications.
    pub(crate) async fn live(&self, connection: ConnectionId) -> Answer<Live> {
        let request = GetLiveRequest {
            connection_id: connection.to_string(),
        };
        Ok(self.sync().get_live(request).await?.into_inner())
    }

    /// Intercom's topics and what each does.
    pub(crate) async fn topics(&self) -> Answer<Vec<Topic>> {
        let listed = self.sync().list_topics(ListTopicsRequest {}).await?;
        Ok(listed.into_inner().topics)
    }

    pub(super) fn sync(&self) -> SyncClient<Line> {
        SyncClient::new(self.line(&self.rooms.sync, ActAs::soon(self.acting)))
    }
}
