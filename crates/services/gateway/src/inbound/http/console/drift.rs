use axum::extract::{Path, Query};
use axum::response::Response;
use harken_domain::ConnectionId;
use serde::Deserialize;

use super::connection::Subject;
use super::page;
use super::visit::{Visit, id};
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::views::connection_head::Tab;
use crate::views::drift::{DriftPage, PERIODS, Told};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// Days back; a week if absent.
    days: String,
}

pub(crate) async fn show(
    visit: Visit,
    Path(connection): Path<String>,
    Query(asked): Query<Asked>,
) -> Refused<Response> {
    let connection: ConnectionId = id(&connection)?;
    let days = period(&asked.days)?;
    let asking = visit.asking();
    let (subject, drift) = tokio::join!(
        Subject::read(&visit, connection),
        asking.drift(connection, days)
    );
    let subject = subject?;
    let status = subject.around.status_of(&subject.connection);
    let is_high = status.is_some_and(|status| status.is_drift_high);
    page(&DriftPage {
        frame: subject.frame(&visit),
        head: subject.head(Tab::Drift),
        periods: PERIODS
            .map(|(period, word)| (period, word, period == days))
            .into(),
        told: drift
            .ok()
            .map(|drift| Told::new(&drift, is_high, days, visit.now())),
    })
}

fn period(text: &str) -> Refused<u32> {
    if text.is_empty() {
        return Ok(PERIODS[0].0);
    }
    let named = PERIODS
        .into_iter()
        .find(|(days, _)| days.to_string() == text);
    let (days, _) = named.ok_or_else(|| Refusal::field("days", "is none of 7, 30 and 90"))?;
    Ok(days)
}
