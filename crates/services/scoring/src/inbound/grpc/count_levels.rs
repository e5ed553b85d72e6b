use harken_contracts::wire::scoring::v1::{CountLevelsRequest, CountLevelsResponse};
use harken_domain::OrganizationId;
use harken_runtime::status;
use tonic::Status;

use super::wire;
use crate::app::Scoring;

pub(super) async fn answer(
    scoring: &Scoring,
    organization: OrganizationId,
    request: CountLevelsRequest,
) -> Result<CountLevelsResponse, Status> {
    let connection = wire::optional_id("connection_id", &request.connection_id)?;
    let counts = scoring.count_levels(organization, connection).await?;
    let counts = counts.ok_or_else(|| status::not_found("connection"))?;
    Ok(CountLevelsResponse {
        healthy: counts.healthy,
        at_risk: counts.at_risk,
        critical: counts.critical,
        not_applicable: counts.not_applicable,
    })
}
