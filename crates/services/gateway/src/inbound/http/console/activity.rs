use axum::extract::Query;
use axum::response::Response;
use harken_domain::CustomerId;
use serde::Deserialize;

use super::page;
use super::visit::Visit;
use crate::app::Entry;
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::views::activity::{ActivityPage, Kind};
use crate::views::feed::Feed;
use crate::views::frame::Section;

/// Lines on the page.
const SHOWN: usize = 50;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    kind: String,
}

pub(crate) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Refused<Response> {
    let chosen = match asked.kind.as_str() {
        "" => None,
        slug => Some(Kind::named(slug).ok_or_else(|| {
            Refusal::field("kind", "is none of conversations, contacts and scores")
        })?),
    };
    let wanted = |entry: &Entry| chosen.is_none_or(|kind| kind.has(entry));
    let (around, feed) = tokio::join!(visit.surroundings(), latest(&visit, wanted, SHOWN));
    let around = around?;
    page(&ActivityPage {
        chosen,
        feed,
        is_connected: !around.connections.is_empty(),
        frame: visit.frame(Section::Activity, &around),
    })
}

/// The latest of one customer.
pub(super) async fn of_customer(visit: &Visit, customer: CustomerId, most: usize) -> Feed {
    let customer = customer.to_string();
    latest(visit, |entry| entry.customer == customer, most).await
}

/// The latest, with the names of those it happened to. A scoring that is away leaves them without.
pub(super) async fn latest(visit: &Visit, wanted: impl Fn(&Entry) -> bool, most: usize) -> Feed {
    let organization = visit.viewer.acting.organization;
    let entries = visit.gateway.activity.latest(organization, wanted, most);
    let mut customers: Vec<String> = entries
        .iter()
        .map(|entry| entry.customer.clone())
        .filter(|customer| !customer.is_empty())
        .collect();
    customers.sort_unstable();
    customers.dedup();
    let scores = visit.asking().scores_of(customers).await;
    Feed::new(&entries, &scores.unwrap_or_default(), visit.now())
}
