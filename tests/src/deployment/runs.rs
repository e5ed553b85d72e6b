use std::time::Duration;

use anyhow::{Context as _, Result};
use harken_contracts::wire::directory::v1::ExportRequest;
use harken_contracts::wire::sync::v1::{
    Gap, GetLiveRequest, GetStatusRequest, ListGapsRequest, ListRunLogRequest, Run, RunKind,
    RunLogLine, RunState, StartRunRequest,
};
use harken_contracts::wire::types::v1::PageRequest;
use harken_contracts::wire::vault::v1::{
    BeginOAuthRequest, CompleteOAuthRequest, ConnectWithTokenRequest, Connection,
    GetConnectionRequest,
};
use harken_domain::ConnectionId;

use super::Tenant;
use crate::intercom::{Control, Held, TOKEN};
use crate::until_within;

/// No run of a test takes longer, even on a busy machine.
const RUN_WITHIN: Duration = Duration::from_mins(10);
const A_PAGE: u32 = 200;

impl Tenant {
    /// Connects the simulated workspace by its access token; its first run begins by itself.
    pub async fn connect(&self) -> Result<ConnectionId> {
        let request = ConnectWithTokenRequest {
            access_token: TOKEN.to_owned(),
            member_id: self.owner().to_owned(),
            ..ConnectWithTokenRequest::default()
        };
        let connected = self.vault().connect_with_token(request).await?;
        Ok(connected.into_inner().connection_id.parse()?)
    }

    /// Connects it by Intercom's consent page.
    pub async fn consent(&self, control: &Control) -> Result<ConnectionId> {
        let browser_binding = hex::encode(rand::random::<[u8; 16]>());
        let request = BeginOAuthRequest {
            member_id: self.owner().to_owned(),
            browser_binding: browser_binding.clone(),
            ..BeginOAuthRequest::default()
        };
        let begun = self.console().begin_o_auth(request).await?.into_inner();
        let (state, code) = control.consent(&begun.authorize_url).await?;
        let request = CompleteOAuthRequest {
            state,
            code,
            error: String::new(),
            browser_binding,
        };
        let connected = self.console().complete_o_auth(request).await?;
        Ok(connected.into_inner().connection_id.parse()?)
    }

    /// A connection as the vault has it.
    pub async fn connection(&self, connection: ConnectionId) -> Result<Connection> {
        let request = GetConnectionRequest {
            connection_id: connection.to_string(),
        };
        Ok(self.vault().get_connection(request).await?.into_inner())
    }

    /// The run that goes on, or the last one.
    pub async fn latest_run(&self, connection: ConnectionId) -> Option<Run> {
        let request = GetStatusRequest {
            connection_id: connection.to_string(),
            without_totals: true,
        };
        let status = self.sync().get_status(request).await.ok()?;
        status.into_inner().latest_run
    }

    /// The latest run once it has ended.
    pub async fn ended_run(&self, connection: ConnectionId) -> Result<Run> {
        until_within(RUN_WITHIN, "the run ends", async || {
            let run = self.latest_run(connection).await?;
            has_ended(&run).then_some(run)
        })
        .await
    }

    /// Asks for one more run; answers how it ended.
    pub async fn run(&self, connection: ConnectionId, kind: RunKind) -> Result<Run> {
        let request = StartRunRequest {
            connection_id: connection.to_string(),
            kind: kind.into(),
        };
        let run = self.sync().start_run(request).await?.into_inner();
        until_within(RUN_WITHIN, "the run ends", async || {
            let latest = self.latest_run(connection).await?;
            (latest.run_id == run.run_id && has_ended(&latest)).then_some(latest)
        })
        .await
    }

    /// What a run could not get.
    pub async fn gaps(&self, run: &Run) -> Result<Vec<Gap>> {
        let request = ListGapsRequest {
            run_id: run.run_id.clone(),
            page: page(),
        };
        Ok(self.sync().list_gaps(request).await?.into_inner().gaps)
    }

    /// What a run logged, newest first.
    pub async fn run_log(&self, run: &Run, query: &str) -> Result<Vec<RunLogLine>> {
        let request = ListRunLogRequest {
            run_id: run.run_id.clone(),
            query: query.to_owned(),
            severity: String::new(),
            page: page(),
        };
        Ok(self.sync().list_run_log(request).await?.into_inner().lines)
    }

    /// Waits until no record waits to be fetched.
    pub async fn repaired(&self, connection: ConnectionId) -> Result<()> {
        let request = GetLiveRequest {
            connection_id: connection.to_string(),
        };
        until_within(RUN_WITHIN, "nothing waits to be fetched", async || {
            let live = self.sync().get_live(request.clone()).await.ok()?;
            (live.into_inner().repairs_waiting == 0).then_some(())
        })
        .await
    }

    /// Everything that the mirror shows of a connection.
    pub async fn held(&self, connection: ConnectionId) -> Result<Held> {
        let mut held = Held::default();
        for kind in Held::KINDS {
            let request = ExportRequest {
                connection_id: connection.to_string(),
                kind: kind.into(),
            };
            let batches = self.directory().export(request).await;
            let mut batches = batches.context("the mirror is not exported")?.into_inner();
            while let Some(batch) = batches.message().await? {
                held.take(batch);
            }
        }
        Ok(held)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as the contracts want it")]
fn page() -> Option<PageRequest> {
    Some(PageRequest {
        page_size: A_PAGE,
        ..PageRequest::default()
    })
}

fn has_ended(run: &Run) -> bool {
    matches!(
        run.state(),
        RunState::Complete | RunState::CompleteWithGaps | RunState::Failed
    )
}
