use harken_contracts::wire::scoring::v1::Configuration;
use harken_domain::OrganizationId;
use tonic::Status;

use crate::app::Scoring;

pub(super) async fn answer(
    scoring: &Scoring,
    organization: OrganizationId,
) -> Result<Configuration, Status> {
    let configuration = scoring.configuration(organization).await?;
    Ok(Configuration::from(&configuration))
}
