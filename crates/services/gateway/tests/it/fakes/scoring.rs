use harken_contracts::wire::scoring::v1::scoring_server::Scoring;
use harken_contracts::wire::scoring::v1::{
    BatchGetScoresRequest, BatchGetScoresResponse, Configuration, CountLevelsRequest,
    CountLevelsResponse, EvaluateRequest, EvaluateResponse, ExplainScoreRequest, Factor,
    FactorExplanation, FactorScore, GetConfigurationRequest, GetScoreRequest, ListScoresRequest,
    ListScoresResponse, Score, ScoreExplanation, WatchScoresRequest,
};
use harken_contracts::wire::types::v1::{PageInfo, RiskLevel};
use tonic::codegen::tokio_stream::Empty;
use tonic::{Request, Response, Status, async_trait};

use super::{Fakes, PSEUDONYM, connection_id, customer_id, unasked};

type Answer<T> = Result<Response<T>, Status>;

fn score() -> Score {
    Score {
        customer_id: customer_id().to_string(),
        connection_id: connection_id().to_string(),
        name: Some("Miles O'Brien <script>".to_owned()),
        points: Some(14),
        level: RiskLevel::Critical.into(),
        raw: Some(14.2),
        coverage: 1.0,
        factors: vec![FactorScore {
            factor: Factor::OpenVolume.into(),
            weight: 25.0,
            value: Some(15.0),
            points_lost: 21.25,
        }],
        ..Score::default()
    }
}

/// Of somebody without a conversation, whose name may not be kept.
fn pseudonym() -> Score {
    let factor = FactorScore {
        value: None,
        points_lost: 0.0,
        ..score().factors[0]
    };
    Score {
        external_id: PSEUDONYM.to_owned(),
        name: None,
        points: None,
        level: RiskLevel::Unspecified.into(),
        raw: None,
        coverage: 0.0,
        factors: vec![factor],
        ..score()
    }
}

#[async_trait]
impl Scoring for Fakes {
    async fn get_score(&self, _: Request<GetScoreRequest>) -> Answer<Score> {
        Ok(Response::new(score()))
    }

    async fn list_scores(&self, request: Request<ListScoresRequest>) -> Answer<ListScoresResponse> {
        let ListScoresRequest {
            query,
            levels,
            page,
            ..
        } = request.get_ref();
        let token = page.as_ref().map_or("", |page| page.page_token.as_str());
        self.note(
            &format!("list_scores({query},{},{token})", levels.len()),
            &request,
        );
        let is_pseudonym = self.held().mirror.is_pseudonym;
        Ok(Response::new(ListScoresResponse {
            scores: vec![if is_pseudonym { pseudonym() } else { score() }],
            page: Some(PageInfo {
                next_page_token: if token.is_empty() {
                    "next".to_owned()
                } else {
                    String::new()
                },
                total_count: 2,
            }),
        }))
    }

    async fn explain_score(&self, _: Request<ExplainScoreRequest>) -> Answer<ScoreExplanation> {
        if self.held().scoring_is_away {
            return Err(Status::unavailable("connection refused"));
        }
        if self.held().mirror.is_pseudonym {
            return Ok(Response::new(ScoreExplanation {
                score: Some(pseudonym()),
                summary: "No score: there is no conversation with this customer yet.".to_owned(),
                factors: vec![FactorExplanation {
                    factor: Factor::OpenVolume.into(),
                    title: "Open volume".to_owned(),
                    sentence: "There is no conversation yet; this is not judged.".to_owned(),
                }],
            }));
        }
        Ok(Response::new(ScoreExplanation {
            score: Some(score()),
            summary: "Critical at 14.".to_owned(),
            factors: vec![FactorExplanation {
                factor: Factor::OpenVolume.into(),
                title: "Open volume".to_owned(),
                sentence: "4 conversations are open.".to_owned(),
            }],
        }))
    }

    async fn evaluate(&self, request: Request<EvaluateRequest>) -> Answer<EvaluateResponse> {
        let inputs = request.into_inner().inputs.unwrap_or_default();
        Ok(Response::new(EvaluateResponse {
            points: Some(inputs.open),
            ..EvaluateResponse::default()
        }))
    }

    async fn get_configuration(
        &self,
        _: Request<GetConfigurationRequest>,
    ) -> Answer<Configuration> {
        Ok(Response::new(Configuration::default()))
    }

    async fn count_levels(&self, _: Request<CountLevelsRequest>) -> Answer<CountLevelsResponse> {
        Ok(Response::new(CountLevelsResponse {
            critical: 1,
            not_applicable: 1,
            ..CountLevelsResponse::default()
        }))
    }

    async fn batch_get_scores(
        &self,
        _: Request<BatchGetScoresRequest>,
    ) -> Answer<BatchGetScoresResponse> {
        Ok(Response::new(BatchGetScoresResponse {
            scores: vec![score()],
        }))
    }

    type WatchScoresStream = Empty<Result<Score, Status>>;

    async fn watch_scores(
        &self,
        _: Request<WatchScoresRequest>,
    ) -> Answer<Self::WatchScoresStream> {
        unasked()
    }
}
