use harken_contracts::wire::scoring::v1::{EvaluateRequest, EvaluateResponse};
use harken_domain::OrganizationId;
use harken_runtime::status;
use tonic::Status;

use super::wire;
use crate::{app::Scoring, rules};

/// The organization is asked for only where its configuration is needed.
pub(super) async fn answer(
    scoring: &Scoring,
    organization: Result<OrganizationId, Status>,
    request: EvaluateRequest,
) -> Result<EvaluateResponse, Status> {
    let inputs = request.inputs.ok_or_else(|| {
        status::invalid_argument("inputs", "is missing; give what the score is computed from")
    })?;
    let inputs = wire::inputs(inputs)?;
    let configuration = match request.configuration {
        Some(given) => wire::configuration(given)?,
        None => scoring.configuration(organization?).await?,
    };
    let evaluation = rules::evaluate(&inputs, &configuration);
    Ok(EvaluateResponse {
        points: wire::points(evaluation.points),
        level: wire::level(evaluation.level),
        raw: evaluation.raw,
        coverage: evaluation.coverage,
        factors: wire::factors(&evaluation.factors),
    })
}
