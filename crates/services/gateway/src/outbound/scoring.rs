use harken_contracts::wire::scoring::v1::scoring_client::ScoringClient;
use harken_contracts::wire::scoring::v1::{
    BatchGetScoresRequest, Configuration, CountLevelsRequest, CountLevelsResponse, EvaluateRequest,
    EvaluateResponse, ExplainScoreRequest, GetConfigurationRequest, GetScoreRequest, LevelFilter,
    ListScoresRequest, ListScoresResponse, Score, ScoreExplanation, ScoreSort,
};
use harken_contracts::wire::types::v1::PageRequest;
use harken_domain::{ConnectionId, CustomerId};
use harken_runtime::grpc::MAX_ANSWER_BYTES;

use super::act_as::ActAs;
use super::{Answer, Asking, Line};

/// Which scores to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct ScoreList {
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) levels: Vec<LevelFilter>,
    pub(crate) query: String,
    pub(crate) sort: ScoreSort,
    pub(crate) page: PageRequest,
}

impl Asking {
    pub(crate) async fn scores(&self, list: ScoreList) -> Answer<ListScoresResponse> {
        let ScoreList {
            connection,
            levels,
            query,
            sort,
            page,
        } = list;
        let request = ListScoresRequest {
            connection_id: connection.map_or_else(String::new, |id| id.to_string()),
            levels: levels.into_iter().map(i32::from).collect(),
            query,
            sort: sort.into(),
            page: Some(page),
        };
        Ok(self.scoring().list_scores(request).await?.into_inner())
    }

    pub(crate) async fn score(&self, customer: CustomerId) -> Answer<Score> {
        let request = GetScoreRequest {
            customer_id: customer.to_string(),
        };
        Ok(self.scoring().get_score(request).await?.into_inner())
    }

    /// The scores of these customers; unknown ones are left out.
    pub(crate) async fn scores_of(&self, customer_ids: Vec<String>) -> Answer<Vec<Score>> {
        if customer_ids.is_empty() {
            return Ok(Vec::new());
        }
        let request = BatchGetScoresRequest { customer_ids };
        let answer = self.scoring().batch_get_scores(request).await?;
        Ok(answer.into_inner().scores)
    }

    pub(crate) async fn explanation(&self, customer: CustomerId) -> Answer<ScoreExplanation> {
        let request = ExplainScoreRequest {
            customer_id: customer.to_string(),
        };
        Ok(self.scoring().explain_score(request).await?.into_inner())
    }

    pub(crate) async fn level_counts(&self) -> Answer<CountLevelsResponse> {
        let request = CountLevelsRequest::default();
        Ok(self.scoring().count_levels(request).await?.into_inner())
    }

    pub(crate) async fn evaluate(&self, request: EvaluateRequest) -> Answer<EvaluateResponse> {
        Ok(self.scoring().evaluate(request).await?.into_inner())
    }

    pub(crate) async fn scoring_configuration(&self) -> Answer<Configuration> {
        let request = GetConfigurationRequest {};
        Ok(self
            .scoring()
            .get_configuration(request)
            .await?
            .into_inner())
    }

    fn scoring(&self) -> ScoringClient<Line> {
        let line = self.line(&self.rooms.scoring, ActAs::soon(self.acting));
        ScoringClient::new(line).max_decoding_message_size(MAX_ANSWER_BYTES)
    }
}
