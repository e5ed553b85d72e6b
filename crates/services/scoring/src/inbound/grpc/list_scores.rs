use harken_contracts::wire::{
    scoring::v1::{LevelFilter, ListScoresRequest, ListScoresResponse, ScoreSort},
    types::v1::PageInfo,
};
use harken_domain::{OrganizationId, RiskLevel};
use harken_runtime::{paging, status};
use tonic::Status;

use super::wire;
use crate::{
    app::{ListScores, Scoring},
    outbound::postgres::listing::{Filter, NOT_APPLICABLE, Order},
};

/// Most characters of a text to look for.
const LONGEST_QUERY: usize = 200;

pub(super) async fn answer(
    scoring: &Scoring,
    organization: OrganizationId,
    request: ListScoresRequest,
) -> Result<ListScoresResponse, Status> {
    let page = request.page.as_ref();
    let size = paging::size(page)?;
    let filter = Filter {
        organization,
        connection: wire::optional_id("connection_id", &request.connection_id)?,
        levels: levels(&request.levels)?,
        text: text(&request.query)?,
    };
    let order = order(request.sort)?;
    let after = paging::position(&(&filter, order), page)?;
    let list = ListScores {
        filter: filter.clone(),
        order,
        after,
        size,
    };
    let found = scoring.list_scores(list).await?;
    let next = found
        .next
        .map(|next| paging::next_token(&(&filter, order), &next))
        .transpose()?;
    Ok(ListScoresResponse {
        scores: found.standings.into_iter().map(wire::score).collect(),
        page: Some(PageInfo {
            next_page_token: next.unwrap_or_default(),
            total_count: found.total,
        }),
    })
}

/// The words of the levels asked for, sorted and each once.
fn levels(asked: &[i32]) -> Result<Vec<&'static str>, Status> {
    let words =
        asked
            .iter()
            .enumerate()
            .map(|(index, level)| match LevelFilter::try_from(*level) {
                Ok(LevelFilter::Healthy) => Ok(RiskLevel::Healthy.as_str()),
                Ok(LevelFilter::AtRisk) => Ok(RiskLevel::AtRisk.as_str()),
                Ok(LevelFilter::Critical) => Ok(RiskLevel::Critical.as_str()),
                Ok(LevelFilter::NotApplicable) => Ok(NOT_APPLICABLE),
                Ok(LevelFilter::Unspecified) | Err(_) => {
                    let problem = format!("is {level}; name a level, or no levels for all");
                    Err(status::invalid_argument(
                        &format!("levels[{index}]"),
                        problem,
                    ))
                }
            });
    let mut words = words.collect::<Result<Vec<_>, Status>>()?;
    words.sort_unstable();
    words.dedup();
    Ok(words)
}

fn text(query: &str) -> Result<Option<String>, Status> {
    let text = query.trim();
    if text.chars().count() > LONGEST_QUERY {
        let problem = format!("is too long; look for at most {LONGEST_QUERY} characters");
        return Err(status::invalid_argument("query", problem));
    }
    if text.chars().any(char::is_control) {
        let problem = "has control characters; look for a part of a name or address";
        return Err(status::invalid_argument("query", problem));
    }
    Ok((!text.is_empty()).then(|| text.to_lowercase()))
}

fn order(sort: i32) -> Result<Order, Status> {
    match ScoreSort::try_from(sort) {
        Ok(ScoreSort::Unspecified | ScoreSort::PointsAscending) => Ok(Order::PointsAscending),
        Ok(ScoreSort::PointsDescending) => Ok(Order::PointsDescending),
        Ok(ScoreSort::Name) => Ok(Order::Name),
        Ok(ScoreSort::LastSeen) => Ok(Order::LastSeen),
        Err(_) => {
            let problem = format!("is {sort}; name one of the orders, or none for lowest first");
            Err(status::invalid_argument("sort", problem))
        }
    }
}
