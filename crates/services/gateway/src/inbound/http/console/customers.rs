use axum::extract::Query;
use axum::response::Response;
use harken_contracts::wire::types::v1::PageRequest;
use serde::Deserialize;

use super::page;
use super::visit::Visit;
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::outbound::ScoreList;
use crate::views::customers::{CustomerRow, CustomersPage, Filter, Order};
use crate::views::frame::{Frame, Section};
use crate::views::level::Level;
use crate::views::pager::Pager;

/// What the address of the list says.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    q: String,
    level: String,
    sort: String,
    after: String,
}

pub(crate) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Refused<Response> {
    let query = asked.q.trim();
    let (level, order) = read(&asked)?;
    let list = ScoreList {
        levels: level.map(Level::filter).into_iter().collect(),
        query: query.to_owned(),
        sort: order.0,
        page: PageRequest {
            page_size: 0,
            page_token: asked.after.clone(),
        },
        ..ScoreList::default()
    };
    let asking = visit.asking();
    let (around, counts, list) = tokio::join!(
        visit.surroundings(),
        asking.level_counts(),
        asking.scores(list)
    );
    let (around, list) = (around?, list?);
    let now = visit.now();
    let rows: Vec<_> = list
        .scores
        .iter()
        .map(|score| CustomerRow::new(score, around.ended(&score.connection_id).is_some(), now))
        .collect();
    let address = [("q", query), ("level", &asked.level), ("sort", &asked.sort)];
    let noun = ("customer", "customers");
    page(&CustomersPage {
        filters: Filter::all(counts.ok().as_ref(), level, query, &asked.sort),
        sorts: order.choices(),
        is_filtered: !query.is_empty() || level.is_some(),
        is_connected: !around.connections.is_empty(),
        pager: Pager::new(
            "/customers",
            &address,
            &asked.after,
            list.page.as_ref(),
            rows.len(),
            noun,
        ),
        rows,
        frame: Frame {
            search: query.to_owned(),
            ..visit.frame(Section::Customers, &around)
        },
        level: asked.level,
    })
}

fn read(asked: &Asked) -> Refused<(Option<Level>, Order)> {
    let level = match asked.level.as_str() {
        "" => None,
        slug => Some(Level::named(slug).ok_or_else(|| {
            Refusal::field("level", "is none of healthy, at_risk, critical and na")
        })?),
    };
    let order = Order::named(&asked.sort);
    let order = order.ok_or_else(|| {
        Refusal::field("sort", "is none of score, score-desc, name and last-seen")
    })?;
    Ok((level, order))
}
