use harken_contracts::wire::scoring::v1::{BatchGetScoresRequest, BatchGetScoresResponse};
use harken_domain::OrganizationId;
use tonic::Status;

use super::wire;
use crate::app::Scoring;

/// Most customers of one request.
const MOST: usize = 1_000;

pub(super) async fn answer(
    scoring: &Scoring,
    organization: OrganizationId,
    request: BatchGetScoresRequest,
) -> Result<BatchGetScoresResponse, Status> {
    let customers = wire::ids("customer_ids", &request.customer_ids, MOST)?;
    let found = scoring.read_scores(organization, &customers).await?;
    Ok(BatchGetScoresResponse {
        scores: found.into_iter().map(wire::score).collect(),
    })
}
