use axum::extract::{Path, Query};
use axum::response::Response;
use harken_contracts::wire::types::v1::PageRequest;
use harken_domain::ConnectionId;
use serde::Deserialize;
use tonic::Code;

use super::connection::Subject;
use super::page;
use super::visit::{Visit, id};
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::outbound::IncompleteList;
use crate::views::completeness::{CompletenessPage, IncompleteRow, Numbers, ReasonFilter};
use crate::views::connection_head::Tab;
use crate::views::pager::Pager;
use crate::words::{self, INCOMPLETE_REASONS};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    reason: String,
    q: String,
    after: String,
}

/// Numbers and list stand on their own: what does not answer says so.
pub(crate) async fn show(
    visit: Visit,
    Path(connection): Path<String>,
    Query(asked): Query<Asked>,
) -> Refused<Response> {
    let connection: ConnectionId = id(&connection)?;
    let reason = CompletenessPage::reason_named(&asked.reason).ok_or_else(|| {
        let known = words::listed(INCOMPLETE_REASONS);
        Refusal::field("reason", format!("is none of {known}"))
    })?;
    let query = asked.q.trim();
    let list = IncompleteList {
        reason,
        query: query.to_owned(),
        page: PageRequest {
            page_size: 0,
            page_token: asked.after.clone(),
        },
    };
    let asking = visit.asking();
    let (subject, told, found) = tokio::join!(
        Subject::read(&visit, connection),
        asking.completeness(connection),
        asking.incomplete(connection, list)
    );
    let (subject, told, now) = (subject?, told.ok(), visit.now());
    let found = match found {
        // The address asks for what cannot be.
        Err(refused) if refused.code() == Code::InvalidArgument => return Err(refused.into()),
        found => found.ok(),
    };
    let path = format!("/integrations/{connection}/completeness");
    let filter = [("reason", asked.reason.as_str()), ("q", query)];
    let is_away = found.is_none();
    let found = found.unwrap_or_default();
    page(&CompletenessPage {
        frame: subject.frame(&visit),
        head: subject.head(Tab::Completeness),
        numbers: told.as_ref().map(|told| Numbers::new(told, now)),
        filters: ReasonFilter::all(told.as_ref(), &path, reason, query),
        is_filtered: filter.iter().any(|(_, value)| !value.is_empty()),
        is_away,
        pager: Pager::new(
            &path,
            &filter,
            &asked.after,
            found.page.as_ref(),
            found.records.len(),
            ("record", "records"),
        ),
        rows: found
            .records
            .into_iter()
            .map(|record| IncompleteRow::new(record, now))
            .collect(),
        query: query.to_owned(),
        reason: asked.reason,
    })
}
