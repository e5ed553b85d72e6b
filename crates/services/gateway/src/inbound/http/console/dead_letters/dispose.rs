use axum::extract::RawQuery;
use axum::response::Response;
use chrono::{DateTime, Utc};
use harken_contracts::convert::timestamp;
use harken_contracts::wire::dead::v1::{DeadLetterSelection, DisposalReport};
use harken_domain::Role;
use serde::Deserialize;

use super::select::{self, Asked};
use super::{PATH, workspaces};
use crate::app::Disposal;
use crate::inbound::http::console::form::Posted;
use crate::inbound::http::console::visit::Visit;
use crate::inbound::http::console::{done, page};
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::rules::numbers;
use crate::views::dead_letters::Row;
use crate::views::dead_letters::confirm::ConfirmPage;
use crate::views::dead_letters::filter::Filter;
use crate::views::frame::{Notice, Section};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    /// `4,9`; empty for all that the filter leaves.
    ids: String,
    /// Those that died later are not meant.
    until: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    connection: String,
    #[serde(default)]
    span: String,
}

/// Says what would happen.
pub(crate) async fn confirm(visit: Visit, RawQuery(query): RawQuery) -> Refused<Response> {
    visit.require(Role::Admin)?;
    let asked = Asked::read(query.as_deref());
    let disposal = asked
        .disposal
        .ok_or_else(|| Refusal::field("do", "is neither replay nor drop"))?;
    let until = visit.now();
    let report = if asked.ids.is_empty() && !asked.all {
        DisposalReport::default()
    } else {
        let selection = bounded(asked.selection(until)?, until);
        try_out(&visit, disposal, selection).await?
    };
    let around = visit.surroundings().await?;
    let workspaces = workspaces(&around);
    let sample: Vec<_> = report
        .sample
        .iter()
        .map(|letter| Row::new(letter, &workspaces, until))
        .collect();
    let others = report
        .count
        .saturating_sub(u64::try_from(sample.len()).unwrap_or(u64::MAX));
    let ids: Vec<_> = asked.ids.iter().map(u64::to_string).collect();
    page(&ConfirmPage {
        frame: visit.frame(Section::Settings, &around),
        disposal,
        counted: numbers::counted(report.count, "dead letter", "dead letters"),
        is_empty: report.count == 0,
        sample,
        others: (others > 0).then(|| numbers::count(others)),
        ids: ids.join(","),
        filter: asked.filter,
        until: until.to_rfc3339(),
    })
}

pub(crate) async fn replay(posted: Posted<Form>) -> Refused<Response> {
    dispose(posted, Disposal::Replay, Notice::Replayed).await
}

pub(crate) async fn drop(posted: Posted<Form>) -> Refused<Response> {
    dispose(posted, Disposal::Drop, Notice::Dropped).await
}

async fn dispose(posted: Posted<Form>, disposal: Disposal, all: Notice) -> Refused<Response> {
    let Posted { visit, form } = posted;
    let until: DateTime<Utc> = form
        .until
        .parse()
        .map_err(|_| Refusal::field("until", "is no moment"))?;
    let ids: Result<Vec<u64>, _> = form
        .ids
        .split(',')
        .filter(|id| !id.is_empty())
        .map(str::parse)
        .collect();
    let ids = ids.map_err(|_| Refusal::field("ids", "are not ids of dead letters"))?;
    let filter = Filter {
        service: form.service,
        reason: form.reason,
        connection: form.connection,
        span: form.span,
        ..Filter::default()
    };
    // The span is counted from when the question was asked.
    let selection = bounded(select::selection(&filter, ids, until)?, until);
    let disposing =
        visit
            .gateway
            .dead_letters
            .dispose(visit.viewer.acting, disposal, selection, false);
    let report = disposing.await?;
    let notice = if report.remaining > 0 {
        Notice::DisposedInPart
    } else {
        all
    };
    Ok(done(PATH, notice))
}

async fn try_out(
    visit: &Visit,
    disposal: Disposal,
    selection: DeadLetterSelection,
) -> Refused<DisposalReport> {
    let dead = &visit.gateway.dead_letters;
    let acting = visit.viewer.acting;
    Ok(dead.dispose(acting, disposal, selection, true).await?)
}

fn bounded(selection: DeadLetterSelection, until: DateTime<Utc>) -> DeadLetterSelection {
    let died_before = selection
        .dead_letter_ids
        .is_empty()
        .then(|| timestamp(until));
    DeadLetterSelection {
        died_before,
        ..selection
    }
}
