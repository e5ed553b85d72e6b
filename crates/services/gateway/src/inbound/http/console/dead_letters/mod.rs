//! Dead letters: the list, one of them, and how they leave.

mod dispose;
mod select;

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use harken_contracts::wire::dead::v1::ListDeadLettersRequest;
use harken_contracts::wire::types::v1::PageRequest;
use tonic::Code;

use self::select::Asked;
use super::page;
use super::visit::Visit;
use crate::app::Surroundings;
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::rules::numbers;
use crate::views::dead_letters::{DeadLetterPage, DeadLettersPage, Row, Workspaces};
use crate::views::frame::Section;
use crate::views::pager::Pager;

pub(super) use self::dispose::{confirm, drop, replay};

const PATH: &str = "/settings/dead-letters";

pub(super) async fn show(visit: Visit, RawQuery(query): RawQuery) -> Refused<Response> {
    let asked = Asked::read(query.as_deref());
    let request = ListDeadLettersRequest {
        selection: Some(asked.selection(visit.now())?),
        page: Some(PageRequest {
            page_size: 0,
            page_token: asked.after.clone(),
        }),
    };
    let listing = visit
        .gateway
        .dead_letters
        .list(visit.viewer.acting, request);
    let (around, listed) = tokio::join!(visit.surroundings(), listing);
    let around = around?;
    let listed = match listed {
        // The rest of the page can say so.
        Err(away) if away.code() == Code::Unavailable => None,
        listed => Some(listed?),
    };
    let workspaces = workspaces(&around);
    let rows: Option<Vec<Row>> = listed.as_ref().map(|listed| {
        let letters = listed.dead_letters.iter();
        let now = visit.now();
        letters.map(|one| Row::new(one, &workspaces, now)).collect()
    });
    let paged = listed.as_ref().and_then(|listed| listed.page.as_ref());
    page(&DeadLettersPage {
        total: numbers::count(paged.map_or(0, |page| page.total_count)),
        pager: Pager::new(
            PATH,
            &asked.filter.query(),
            &asked.after,
            paged,
            rows.as_ref().map_or(0, Vec::len),
            ("dead letter", "dead letters"),
        ),
        rows,
        filter: asked.filter.among(&workspaces),
        frame: visit.frame(Section::Settings, &around),
    })
}

pub(super) async fn one(visit: Visit, Path(letter): Path<String>) -> Refused<Response> {
    let id = letter.parse().map_err(|_| Refusal::not_found())?;
    let reading = visit.gateway.dead_letters.get(visit.viewer.acting, id);
    let (around, held) = tokio::join!(visit.surroundings(), reading);
    let (around, held) = (around?, held?);
    let frame = visit.frame(Section::Settings, &around);
    page(&DeadLetterPage::new(
        frame,
        held,
        &workspaces(&around),
        visit.now(),
    ))
}

fn workspaces(around: &Surroundings) -> Workspaces {
    let known = around.connections.iter().chain(&around.drills);
    let names = known.map(|one| (one.connection_id.clone(), one.workspace_name.clone()));
    Workspaces(names.collect())
}
