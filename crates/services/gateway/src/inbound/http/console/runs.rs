use axum::extract::{Path, Query};
use axum::response::Response;
use harken_contracts::wire::sync::v1::RunKind;
use harken_contracts::wire::types::v1::PageRequest;
use harken_domain::{ConnectionId, Role};
use serde::Deserialize;

use super::connection::Subject;
use super::form::Posted;
use super::visit::{Visit, id};
use super::{done, page};
use crate::inbound::http::choice::value;
use crate::inbound::http::refusal::Refused;
use crate::outbound::RunList;
use crate::views::connection_head::Tab;
use crate::views::frame::Notice;
use crate::views::pager::Pager;
use crate::views::runs::{RunFilter, RunRow, RunsPage};
use crate::words::{RUN_KINDS, RUN_STATES, RUN_TRIGGERS};

/// Runs on a page.
const RUNS: u32 = 25;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    kind: String,
    state: String,
    trigger: String,
    after: String,
}

/// Which kind of run is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    #[serde(default)]
    kind: String,
}

pub(crate) async fn show(
    visit: Visit,
    Path(connection): Path<String>,
    Query(asked): Query<Asked>,
) -> Refused<Response> {
    let connection: ConnectionId = id(&connection)?;
    let list = RunList {
        kind: value("kind", RUN_KINDS, Some(&asked.kind))?,
        state: value("state", RUN_STATES, Some(&asked.state))?,
        trigger: value("trigger", RUN_TRIGGERS, Some(&asked.trigger))?,
        page: PageRequest {
            page_size: RUNS,
            page_token: asked.after.clone(),
        },
    };
    let asking = visit.asking();
    let (subject, found) = tokio::join!(
        Subject::read(&visit, connection),
        asking.runs(connection, list.clone())
    );
    let (subject, found, now) = (subject?, found?, visit.now());
    let filter = [
        ("kind", asked.kind.as_str()),
        ("state", &asked.state),
        ("trigger", &asked.trigger),
    ];
    page(&RunsPage {
        frame: subject.frame(&visit),
        head: subject.head(Tab::Runs),
        filters: RunFilter::all(&list),
        is_filtered: filter.iter().any(|(_, value)| !value.is_empty()),
        rows: found.runs.iter().map(|run| RunRow::new(run, now)).collect(),
        pager: Pager::new(
            &format!("/integrations/{connection}/runs"),
            &filter,
            &asked.after,
            found.page.as_ref(),
            found.runs.len(),
            ("sync", "syncs"),
        ),
    })
}

/// Asks for a sync of everything, or of what changed. One that goes on already is the answer, too.
pub(crate) async fn start(
    Path(connection): Path<String>,
    posted: Posted<Form>,
) -> Refused<Response> {
    posted.visit.require(Role::Member)?;
    let connection: ConnectionId = id(&connection)?;
    let (kind, notice) = match value("kind", RUN_KINDS, Some(&posted.form.kind))? {
        RunKind::Incremental => (RunKind::Incremental, Notice::ChangesRequested),
        RunKind::Full | RunKind::Unspecified => (RunKind::Full, Notice::SyncRequested),
    };
    posted.visit.asking().start_run(connection, kind).await?;
    Ok(done("/integrations", notice))
}
