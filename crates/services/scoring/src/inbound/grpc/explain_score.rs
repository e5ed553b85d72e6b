use harken_contracts::wire::scoring::v1::{
    ExplainScoreRequest, Factor, FactorExplanation, ScoreExplanation,
};
use harken_domain::OrganizationId;
use tonic::Status;

use super::{get_score, wire};
use crate::{
    app::Scoring,
    rules::explain::{Explanation, explain},
};

pub(super) async fn answer(
    scoring: &Scoring,
    organization: OrganizationId,
    request: ExplainScoreRequest,
) -> Result<ScoreExplanation, Status> {
    let standing = get_score::read(scoring, organization, &request.customer_id).await?;
    let explanation = standing
        .score
        .as_ref()
        .map(|score| explain(&score.evaluation));
    let Explanation { summary, factors } = explanation.unwrap_or_default();
    let factors = factors
        .into_iter()
        .map(|(factor, sentence)| FactorExplanation {
            factor: Factor::from(factor).into(),
            title: factor.title().to_owned(),
            sentence,
        });
    Ok(ScoreExplanation {
        factors: factors.collect(),
        summary,
        score: Some(wire::score(standing)),
    })
}
