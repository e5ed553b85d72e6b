use harken_contracts::wire::scoring::v1::{GetScoreRequest, Score};
use harken_domain::OrganizationId;
use harken_runtime::status;
use tonic::Status;

use super::wire;
use crate::{app::Scoring, outbound::postgres::standings::Standing};

pub(super) async fn answer(
    scoring: &Scoring,
    organization: OrganizationId,
    request: GetScoreRequest,
) -> Result<Score, Status> {
    read(scoring, organization, &request.customer_id)
        .await
        .map(wire::score)
}

/// The one customer that a request names.
pub(super) async fn read(
    scoring: &Scoring,
    organization: OrganizationId,
    customer_id: &str,
) -> Result<Standing, Status> {
    let customer = wire::id("customer_id", customer_id)?;
    let found = scoring.read_scores(organization, &[customer]).await?;
    found
        .into_iter()
        .next()
        .ok_or_else(|| status::not_found("customer"))
}
