use axum::extract::{Path, Query};
use axum::response::Response;
use harken_contracts::wire::types::v1::PageRequest;
use harken_domain::RunId;
use serde::Deserialize;

use super::page;
use super::visit::{Visit, id};
use crate::inbound::http::refusal::Refused;
use crate::views::frame::Section;
use crate::views::pager::Pager;
use crate::views::run::{RunExtras, RunPage};

/// Lines of the log, and gaps, on a page.
const LINES: u32 = 50;
const GAPS: u32 = 20;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    q: String,
    severity: String,
    after: String,
    gaps_after: String,
}

pub(crate) async fn show(
    visit: Visit,
    Path(run): Path<String>,
    Query(asked): Query<Asked>,
) -> Refused<Response> {
    let run: RunId = id(&run)?;
    let asking = visit.asking();
    let slice = |page_size, page_token: &str| PageRequest {
        page_size,
        page_token: page_token.to_owned(),
    };
    let (around, found, log, gaps) = tokio::join!(
        visit.surroundings(),
        asking.run(run),
        asking.run_log(
            run,
            asked.q.clone(),
            asked.severity.clone(),
            slice(LINES, &asked.after)
        ),
        asking.gaps(run, slice(GAPS, &asked.gaps_after)),
    );
    let (around, found, log, gaps) = (around?, found?, log?, gaps?);
    let path = format!("/runs/{run}");
    let filter = [("q", asked.q.as_str()), ("severity", &asked.severity)];
    let log_pager = Pager::new(
        &path,
        &filter,
        &asked.after,
        log.page.as_ref(),
        log.lines.len(),
        ("line", "lines"),
    );
    let gap_pager = Pager::named(
        "gaps_after",
        &path,
        &asked.gaps_after,
        gaps.page.as_ref(),
        gaps.gaps.len(),
    );
    let worked_before = around
        .statuses
        .iter()
        .find(|status| status.connection_id == found.connection_id)
        .is_some_and(|status| status.last_complete_at.is_some());
    let extras = RunExtras {
        lines: log.lines,
        log_pager,
        gaps: gaps.gaps,
        gap_pager,
        query: asked.q,
        severity: asked.severity,
        worked_before,
    };
    let frame = visit.frame(Section::Integrations, &around);
    page(&RunPage::new(frame, &found, extras, visit.now()))
}
