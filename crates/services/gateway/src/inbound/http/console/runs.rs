use axum::extract::{Path, Query};
use axum::response::Response;
use harken_contracts::wire::types::v1::PageRequest;
use harken_domain::{ConnectionId, Role};
use serde::Deserialize;

use super::form::{Button, Posted};
use super::visit::{Visit, id};
use super::{done, page};
use crate::inbound::http::refusal::Refused;
use crate::views::frame::{Notice, Section};
use crate::views::pager::Pager;
use crate::views::runs::{RunRow, RunsPage};

/// Runs on a page.
const RUNS: u32 = 25;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    after: String,
}

pub(crate) async fn show(
    visit: Visit,
    Path(connection): Path<String>,
    Query(asked): Query<Asked>,
) -> Refused<Response> {
    let connection: ConnectionId = id(&connection)?;
    let asking = visit.asking();
    let slice = PageRequest {
        page_size: RUNS,
        page_token: asked.after.clone(),
    };
    let (around, found, list) = tokio::join!(
        visit.surroundings(),
        asking.connection(connection),
        asking.runs(connection, slice)
    );
    let (around, found, list, now) = (around?, found?, list?, visit.now());
    let path = format!("/integrations/{connection}/runs");
    let noun = ("sync", "syncs");
    page(&RunsPage {
        frame: visit.frame(Section::Integrations, &around),
        workspace_name: found.workspace_name,
        rows: list.runs.iter().map(|run| RunRow::new(run, now)).collect(),
        pager: Pager::new(
            &path,
            &[],
            &asked.after,
            list.page.as_ref(),
            list.runs.len(),
            noun,
        ),
    })
}

/// Asks for a full sync. One that goes on already is the answer, too.
pub(crate) async fn start(
    Path(connection): Path<String>,
    posted: Posted<Button>,
) -> Refused<Response> {
    posted.visit.require(Role::Member)?;
    let connection: ConnectionId = id(&connection)?;
    posted.visit.asking().start_run(connection).await?;
    Ok(done("/integrations", Notice::SyncRequested))
}
